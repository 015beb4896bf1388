package api

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// describe is the interface's description, OpenAPI 3.0, made from the addresses
// and from the types of their answers: what is answered cannot differ from it
// unseen.
func (s *Server) describe() []byte {
	schemas := map[string]any{}
	problem := func(text string) any {
		return obj("description", text, "content", obj("application/json", obj("schema", ref("Problem"))))
	}
	schema(reflect.TypeFor[Problem](), schemas)
	paths := map[string]any{}
	for i := range s.routes {
		x := &s.routes[i]
		var params []any
		for _, p := range x.params {
			typ := obj("type", "string")
			if p.pattern != "" {
				typ["pattern"] = p.pattern
			}
			params = append(params, obj("name", p.name, "in", p.in, "description", p.about, "required", p.required, "schema", typ))
		}
		answers := obj("200", obj("description", x.summary, "content", obj("application/json", obj("schema", schema(reflect.TypeOf(x.answer), schemas)))),
			"401", problem("No token that is known came along."))
		unlike := problem("What the store keeps of a sealed month is not what was sealed, or its evidence is not there.")
		for _, p := range x.params {
			switch {
			case p.name == "month":
				answers["404"] = problem("The month, or the revision, is not known, or was not sealed.")
				answers["400"] = problem("What was asked for is no month.")
			case p.name == "from":
				answers["409"] = unlike
				answers["400"] = problem("What was asked for is no month.")
			case p.name == "revision":
				answers["409"] = unlike
			case p.name == "customer":
				answers["403"] = problem("The token does not see that customer.")
			}
		}
		if x.whole {
			answers["403"] = problem("The token sees its own customers alone.")
		}
		op := obj("operationId", x.id, "summary", x.summary, "responses", answers)
		if params != nil {
			op["parameters"] = params
		}
		paths[x.path] = obj("get", op)
	}
	doc := obj(
		"openapi", "3.0.3",
		"info", obj("title", "splameter", "version", "1", "description",
			"Reads what splameter counted: months, lines, customers' lines, gaps, coverage, the tie-out, and figures by day. No person is named. A token by role comes along as Authorization: Bearer TOKEN; what the provider pays is shown to reviewers alone."),
		"security", []any{obj("token", []any{})},
		"paths", paths,
		"components", obj("schemas", schemas, "securitySchemes", obj("token", obj("type", "http", "scheme", "bearer"))),
	)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(doc); err != nil {
		panic(err) // of maps and texts alone
	}
	return b.Bytes()
}

func obj(pairs ...any) map[string]any {
	out := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

func ref(name string) map[string]any { return obj("$ref", "#/components/schemas/"+name) }

// schema describes a type; structs stand among the schemas by their names.
func schema(t reflect.Type, all map[string]any) map[string]any {
	switch t.Kind() {
	case reflect.Pointer:
		s := schema(t.Elem(), all)
		s["nullable"] = true
		return s
	case reflect.Slice:
		return obj("type", "array", "items", schema(t.Elem(), all))
	case reflect.Int:
		return obj("type", "integer")
	case reflect.Bool:
		return obj("type", "boolean")
	case reflect.Struct:
		if all[t.Name()] == nil {
			properties, required := map[string]any{}, []string{}
			all[t.Name()] = obj() // a type that holds itself ends here
			fields(t, properties, &required, all)
			all[t.Name()] = obj("type", "object", "properties", properties, "required", required, "additionalProperties", false)
		}
		return ref(t.Name())
	}
	return obj("type", "string")
}

// fields describes the fields of a struct, and those of the structs in it.
func fields(t reflect.Type, properties map[string]any, required *[]string, all map[string]any) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			fields(f.Type, properties, required, all)
			continue
		}
		name := f.Tag.Get("json")
		p := schema(f.Type, all)
		at := p
		if items, ok := p["items"].(map[string]any); ok {
			at = items
		}
		switch f.Tag.Get("format") {
		case "month":
			at["pattern"] = `^\d{4}-\d{2}$`
		case "decimal":
			at["pattern"] = `^-?\d+(\.\d+)?$`
		case "date":
			at["format"] = "date"
		}
		if e := f.Tag.Get("enum"); e != "" {
			at["enum"] = strings.Fields(e)
		}
		if about := f.Tag.Get("about"); about != "" {
			p["description"] = about
		}
		properties[name] = p
		*required = append(*required, name)
	}
}
