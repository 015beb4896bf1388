package repotest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"splameter/internal/finding"
	"splameter/internal/repotest"
)

// worst are the severities, the gravest first.
var worst = []string{"error", "high", "medium", "low", "info"}

var codeForm = regexp.MustCompile(`^[a-z]+(-[a-z]+)+$`)

// Every code that a collector or a rule says stands in the table of findings,
// and every code of the table is said by one.
func TestFindingCodes(t *testing.T) {
	said := map[string]string{}
	severities := map[string][2]string{} // by place: the code and its severity, of literals that have both
	for _, top := range []string{"collector", "rules"} {
		err := filepath.WalkDir(filepath.Join(repotest.Root(t), top), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.IsDir() || d.Name() == "testdata" || strings.HasSuffix(d.Name(), "test") {
				return err
			}
			for code, at := range codesIn(t, path, severities) {
				said[code] = at
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(said) < 80 {
		t.Errorf("only %d codes were found: the test has lost its eyes", len(said))
	}
	for code, at := range said {
		if _, ok := finding.Find(code); !ok {
			t.Errorf("%s: the code %s is not in the table: add an entry to internal/finding, then go test ./internal/finding -update", at, code)
		}
	}
	for at, s := range severities {
		if c, ok := finding.Find(s[0]); ok && c.Severity != "" && slices.Index(worst, strings.ToLower(s[1])) > slices.Index(worst, string(c.Severity)) {
			t.Errorf("%s: %s is said as %s, and the table has at least %s", at, s[0], s[1], c.Severity)
		}
	}
	for _, c := range finding.All() {
		if _, ok := said[c.Code]; !ok {
			t.Errorf("no collector and no rule says the code %s: take its row out of internal/finding/codes.csv, then go test ./internal/finding -update", c.Code)
		}
	}
}

// codesIn is the codes that a folder's files say, each with where: as the
// field Code or code of a literal, as what is assigned to a Code or code, as an argument of a
// parameter called code, as a constant whose name begins with Code, or as the
// first of a row of a list whose rows begin with a code.
func codesIn(t *testing.T, dir string, severities map[string][2]string) map[string]string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	params := map[string][]int{} // by name of a function: which parameter is the code, of all that are called so
	for _, p := range paths {
		if strings.HasSuffix(p, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(set, p, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				codeParam(params, n.Name.Name, n.Type)
			case *ast.AssignStmt:
				for i, r := range n.Rhs {
					if l, ok := r.(*ast.FuncLit); ok && i < len(n.Lhs) {
						if id, ok := n.Lhs[i].(*ast.Ident); ok {
							codeParam(params, id.Name, l.Type)
						}
					}
				}
			}
			return true
		})
	}
	out := map[string]string{}
	take := func(e ast.Expr) {
		if l, ok := e.(*ast.BasicLit); ok && l.Kind == token.STRING {
			if s, err := strconv.Unquote(l.Value); err == nil && codeForm.MatchString(s) {
				out[s] = set.Position(l.Pos()).String()
			}
		}
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.KeyValueExpr:
				if id, ok := n.Key.(*ast.Ident); ok && (id.Name == "Code" || id.Name == "code") {
					take(n.Value)
				}
			case *ast.AssignStmt:
				for i, l := range n.Lhs {
					if i >= len(n.Rhs) {
						continue
					}
					switch l := l.(type) {
					case *ast.SelectorExpr:
						if l.Sel.Name == "Code" {
							take(n.Rhs[i])
						}
					case *ast.Ident:
						if l.Name == "code" {
							take(n.Rhs[i])
						}
					}
				}
			case *ast.ValueSpec:
				for i, name := range n.Names {
					if strings.HasPrefix(name.Name, "Code") && i < len(n.Values) {
						take(n.Values[i])
					}
				}
			case *ast.CallExpr:
				name := ""
				switch f := n.Fun.(type) {
				case *ast.Ident:
					name = f.Name
				case *ast.SelectorExpr:
					name = f.Sel.Name
				}
				for _, i := range params[name] {
					if i < len(n.Args) {
						take(n.Args[i])
					}
				}
			case *ast.CompositeLit:
				var both [2]string
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						id, _ := kv.Key.(*ast.Ident)
						l, _ := kv.Value.(*ast.BasicLit)
						s, _ := kv.Value.(*ast.SelectorExpr)
						switch {
						case id != nil && id.Name == "Code" && l != nil:
							both[0], _ = strconv.Unquote(l.Value)
						case id != nil && id.Name == "Severity" && s != nil:
							both[1] = s.Sel.Name
						}
					}
				}
				if both[0] != "" && both[1] != "" {
					severities[set.Position(n.Pos()).String()] = both
				}
				if a, ok := n.Type.(*ast.ArrayType); ok {
					if s, ok := a.Elt.(*ast.StructType); ok && len(s.Fields.List) > 0 && slices.ContainsFunc(s.Fields.List[0].Names, func(id *ast.Ident) bool { return id.Name == "code" }) {
						for _, row := range n.Elts {
							if r, ok := row.(*ast.CompositeLit); ok && len(r.Elts) > 0 {
								take(r.Elts[0])
							}
						}
					}
				}
			}
			return true
		})
	}
	return out
}

func codeParam(params map[string][]int, name string, f *ast.FuncType) {
	i := 0
	for _, field := range f.Params.List {
		for _, n := range field.Names {
			if n.Name == "code" {
				params[name] = append(params[name], i)
			}
			i++
		}
	}
}
