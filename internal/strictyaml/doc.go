package strictyaml

import (
	"gopkg.in/yaml.v3"

	"splameter/internal/diag"
)

// Doc knows where each value of a decoded file stands.
type Doc struct {
	file string
	root *yaml.Node
}

// Pos is the line and column of the value at a path of keys (string) and
// places in lists (int, from 0). Where the path ends early it is that of the
// nearest value around it.
func (d *Doc) Pos(path ...any) (line, col int) {
	n, _ := d.find(path)
	if n == nil {
		return 0, 0
	}
	return n.Line, n.Column
}

// Has says whether the file itself gives a value at the path.
func (d *Doc) Has(path ...any) bool {
	n, whole := d.find(path)
	return whole && n != nil && n.ShortTag() != "!!null"
}

// Fault is a fault at a path's place.
func (d *Doc) Fault(what, instead string, path ...any) diag.Fault {
	line, col := d.Pos(path...)
	return diag.Fault{File: d.file, Line: line, Col: col, What: what, Instead: instead}
}

func (d *Doc) find(path []any) (n *yaml.Node, whole bool) {
	n = d.root
	for _, p := range path {
		c := child(n, p)
		if c == nil {
			return n, false
		}
		n = c
	}
	return n, true
}

func child(n *yaml.Node, p any) *yaml.Node {
	if n == nil {
		return nil
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	switch p := p.(type) {
	case string:
		if n.Kind != yaml.MappingNode {
			return nil
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == p {
				return n.Content[i+1]
			}
		}
	case int:
		if n.Kind == yaml.SequenceNode && p >= 0 && p < len(n.Content) {
			return n.Content[p]
		}
	}
	return nil
}
