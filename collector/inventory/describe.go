package inventory

import (
	"fmt"
	"iter"

	"splameter/internal/product"
	"splameter/internal/snapshot"
)

// Application is one installed program with what it was found to be, as
// inspect prints it: one JSON object a line.
type Application struct {
	Host       string `json:"host"`
	Name       string `json:"name"`
	Version    string `json:"version"`
	Publisher  string `json:"publisher"`
	Product    string `json:"product"`            // English name of the product recognised; empty: none
	Family     string `json:"family"`             // as package product names them; empty: none
	Edition    string `json:"edition"`            // empty: not stated, or none
	Year       string `json:"year"`               // empty: not stated, or none
	Channel    string `json:"channel"`            // volume, retail, subscription, unknown; empty: none
	Licensable bool   `json:"licensable"`         // somebody must hold a licence for it
	Reason     string `json:"reason"`             // why none is needed, or what is to be known
	Question   string `json:"question,omitempty"` // what a person must tell of it
	Line       int    `json:"line"`
}

// Describe goes through every program of a reading, in its order: by host,
// then name. Where several rows of a host show one product, one of them, the
// one that tells most, is licensable, and the others point at it. What a
// program is, titles tells; nil: as the program knows it.
func Describe(inv *snapshot.Inventory, titles *product.Catalog) iter.Seq[Application] {
	return func(yield func(Application) bool) {
		if titles == nil {
			titles = product.Builtin()
		}
		known := map[snapshot.Install]product.Recognition{}
		var rows []product.Recognition
		for _, h := range inv.Software {
			rows = rows[:0]
			for _, in := range h.Installs {
				in.Line = 0 // what it is does not hang on where it stood
				r, ok := known[in]
				if !ok {
					r = titles.Recognize(in.Name, in.Version, in.Publisher, in.Key, in.Release, in.Edition)
					known[in] = r
				}
				rows = append(rows, r)
			}
			for i, as := range product.Resolve(rows) {
				in, r := h.Installs[i], rows[i]
				if as != i {
					r = rows[as]
					r.Licensable = false
					r.Reason = fmt.Sprintf("another row of %s, which line %d shows", r.Name, h.Installs[as].Line)
				}
				if !yield(Application{
					Host: h.Host, Name: in.Name, Version: in.Version, Publisher: in.Publisher,
					Product: r.Name, Family: string(r.Family), Edition: r.Edition, Year: r.Year, Channel: string(r.Channel),
					Licensable: r.Licensable, Reason: r.Reason, Question: r.Question, Line: in.Line,
				}) {
					return
				}
			}
		}
	}
}
