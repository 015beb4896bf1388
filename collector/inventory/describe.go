package inventory

import (
	"iter"

	"splameter/product"
	"splameter/snapshot"
)

// Application is one installed program with what it was found to be, as
// inspect prints it: one JSON object a line.
type Application struct {
	Host       string `json:"host"`
	Name       string `json:"name"`
	Version    string `json:"version"`
	Publisher  string `json:"publisher"`
	Product    string `json:"product"`    // English name of the product recognised; empty: none
	Family     string `json:"family"`     // as package product names them; empty: none
	Edition    string `json:"edition"`    // empty: not stated, or none
	Year       string `json:"year"`       // empty: not stated, or none
	Channel    string `json:"channel"`    // volume, retail, subscription, unknown; empty: none
	Licensable bool   `json:"licensable"` // somebody must hold a licence for it
	Reason     string `json:"reason"`     // why none is needed, or what is to be known
	Line       int    `json:"line"`
}

// Describe goes through every program of a reading, in its order: by host,
// then name.
func Describe(inv *snapshot.Inventory) iter.Seq[Application] {
	return func(yield func(Application) bool) {
		known := map[snapshot.Install]product.Recognition{}
		for _, h := range inv.Software {
			for _, in := range h.Installs {
				line := in.Line
				in.Line = 0 // what it is does not hang on where it stood
				r, ok := known[in]
				if !ok {
					r = product.Recognize(in.Name, in.Version, in.Publisher, in.Key, in.Release, in.Edition)
					known[in] = r
				}
				if !yield(Application{
					Host: h.Host, Name: in.Name, Version: in.Version, Publisher: in.Publisher,
					Product: r.Name, Family: string(r.Family), Edition: r.Edition, Year: r.Year, Channel: string(r.Channel),
					Licensable: r.Licensable, Reason: r.Reason, Line: line,
				}) {
					return
				}
			}
		}
	}
}
