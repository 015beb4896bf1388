package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/digest"
	"splameter/internal/strictyaml"
)

// Load reads a config with everything in it checked that can be checked
// without its sources: all faults at once. The config is never nil, so that
// the tables that it names can be checked too, but with any fault nobody may
// work by it.
func Load(path string) (*Config, diag.Faults) {
	data, err := readFile(path)
	if err != nil {
		c := Default()
		c.Path = path
		return &c, diag.Faults{unreadable(path, err)}
	}
	c, faults := Parse(path, data)
	sum, err := c.digest(data)
	if err != nil {
		faults = append(faults, diag.Fault{File: path, What: err.Error(), Instead: "make the file readable"})
	}
	c.Digest = sum
	return c, faults
}

// Parse is Load for a config that is already read, such as a sealed one. It
// opens no file and leaves Digest empty. file gives the folder that relative
// paths are relative to.
func Parse(file string, data []byte) (*Config, diag.Faults) {
	c := Default()
	doc, faults := strictyaml.Decode(file, data, &c)
	c.doc = doc
	c.Path = file
	if abs, err := filepath.Abs(file); err == nil {
		c.Path = abs
	}
	c.Dir = filepath.Dir(c.Path)
	if line, _ := doc.Pos(); line > 0 { // else nothing could be read, and all is missing for that reason
		k := &checker{doc: doc, config: &c}
		k.check()
		// A value that could not be read is not also missing or unknown.
		k.faults = slices.DeleteFunc(k.faults, func(f diag.Fault) bool {
			return slices.ContainsFunc(faults, func(r diag.Fault) bool { return r.Line == f.Line && r.Col == f.Col })
		})
		faults = append(faults, k.faults...)
	}
	c.eachPath(absolute(c.Dir))
	return &c, faults.Sorted()
}

// Fault is a fault in the config at a path of its keys (string) and places in
// lists (int), for those who find a value wrong by what they know.
func (c *Config) Fault(what, instead string, path ...any) diag.Fault {
	if c.doc == nil {
		return diag.Fault{File: c.Path, What: what, Instead: instead}
	}
	return c.doc.Fault(what, instead, path...)
}

func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, strictyaml.MaxSize+1)) // one more, so that Decode sees what is too large
}

func unreadable(path string, err error) diag.Fault {
	f := diag.Fault{File: path, What: "the config cannot be read", Instead: "make it readable for the user that splameter runs as"}
	var pe *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.What, f.Instead = "there is no such config", "give its place with --config, or draft one with splameter init"
	case errors.As(err, &pe):
		f.What += ": " + pe.Err.Error()
	}
	return f
}

// Tables are the files of hand-kept tables and rules that the config names,
// under the keys that name them, always in this order. Keys left out have an
// empty path.
func (c *Config) Tables() []Table {
	out := []Table{
		{"tenants", c.Tenants}, {"resellers", c.Partners}, {"exclusions", c.Exclusions},
		{"prices", c.Prices}, {"sales_prices", c.SalesPrices}, {"shared_accounts", c.SharedAccounts},
		{"decisions", c.Decisions}, {"rules", c.Rules}, {"products", c.Products}, {"report.columns.template", c.Report.Columns.Template},
	}
	for i := range c.Agreements {
		a := &c.Agreements[i]
		out = append(out, Table{a.TemplateKey(), a.Columns.Template})
	}
	return out
}

// Table is one file that the config names.
type Table struct{ Key, Path string }

// digest is the SHA-256 over the config's own digest and those of its tables,
// each under its key and not its path, so that it is the same in another
// folder. A file that is not there is told by its reader; here it counts as
// absent.
func (c *Config) digest(data []byte) (string, error) {
	all := digest.New()
	fmt.Fprintf(all, "config %s\n", digest.Of(data))
	for _, t := range c.Tables() {
		if t.Path == "" {
			continue
		}
		var sum string
		f, err := os.Open(t.Path)
		if errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintf(all, "%s absent\n", t.Key)
			continue
		}
		if err == nil {
			sum, err = digest.Reader(io.LimitReader(f, 1<<30)) // far beyond what the tables' readers take
			f.Close()
		}
		if err != nil {
			return "", fmt.Errorf("the file under %s cannot be read: %w", t.Key, err)
		}
		fmt.Fprintf(all, "%s %s\n", t.Key, sum)
	}
	return all.Hex(), nil
}

// absolute returns what makes a path of the config absolute.
func absolute(dir string) func(kind, string) string {
	return func(k kind, p string) string {
		if k == store {
			if rest, ok := strings.CutPrefix(p, "sqlite:"); ok && rest != "" {
				return "sqlite:" + join(dir, rest)
			}
			return p
		}
		if k == glob {
			return join(escapeGlob(dir), p)
		}
		return join(dir, p)
	}
}

func join(dir, p string) string {
	if p == "" {
		return ""
	}
	p = filepath.FromSlash(p)
	switch {
	case filepath.IsAbs(p):
		return filepath.Clean(p)
	case filepath.VolumeName(p) != "": // C:logs: relative to a folder that only a shell knows
		return p
	case os.IsPathSeparator(p[0]): // Windows: \logs, on the config's own drive
		return filepath.Clean(filepath.VolumeName(dir) + p)
	}
	return filepath.Join(dir, p)
}

// escapeGlob keeps a folder called logs[1] from being a pattern.
func escapeGlob(dir string) string {
	var b strings.Builder
	for i, r := range dir {
		switch {
		case r == '[' || r == '*' || r == '?', r == '\\' && !os.IsPathSeparator(dir[i]):
			b.WriteString("[" + strings.Replace(string(r), `\`, `\\`, 1) + "]")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
