package main

import (
	"io"
	"reflect"
	"strings"
	"unicode"

	"github.com/alecthomas/kong"
)

// parse reads the command line. exited is the code with which it ends at once,
// as after help; -1 where it goes on.
//
// Where the first word is a command, only that command is looked at: to lay out
// all of them and their flags is a sixth of the time in which the program starts.
// What is wrong with a command line is said by the whole.
func (c *cli) parse(args []string, out, told io.Writer) (k *kong.Context, exited int, err error) {
	exited = -1
	read := func(grammar any) error {
		parser, err := kong.New(grammar, kong.Name("splameter"),
			kong.Description("Meters what a hosting provider owes Microsoft under SPLA, and proves it.\n\n"+exitHelp),
			kong.Writers(out, told), kong.Exit(func(code int) { exited = code }),
			kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
		if err != nil {
			return err
		}
		k, err = parser.Parse(args)
		return err
	}
	if len(args) > 0 && args[0] != "completion" { // which tells of all
		if one := only(args[0]); one.IsValid() {
			if err := read(one.Addr().Interface()); err == nil || exited >= 0 {
				all := reflect.ValueOf(c).Elem()
				for i := range one.NumField() {
					all.FieldByName(one.Type().Field(i).Name).Set(one.Field(i))
				}
				return k, exited, nil
			}
		}
	}
	err = read(c)
	return k, exited, err
}

// only is a cli with all options and the one command of that name.
func only(name string) reflect.Value {
	var fields []reflect.StructField
	found := false
	all := reflect.TypeFor[cli]()
	for i := range all.NumField() {
		f := all.Field(i)
		if _, command := f.Tag.Lookup("cmd"); command {
			if commandName(f) != name {
				continue
			}
			found = true
		}
		fields = append(fields, reflect.StructField{Name: f.Name, Type: f.Type, Tag: f.Tag})
	}
	if !found {
		return reflect.Value{}
	}
	return reflect.New(reflect.StructOf(fields)).Elem()
}

// commandName is what a command is called by: its field's name, word by word.
func commandName(f reflect.StructField) string {
	if name := f.Tag.Get("name"); name != "" {
		return name
	}
	var b strings.Builder
	for i, r := range f.Name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
