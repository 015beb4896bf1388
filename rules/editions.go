package rules

import (
	"fmt"
	"slices"
	"strings"

	"splameter/internal/diag"
	"splameter/internal/product"
	"splameter/internal/register"
	"splameter/internal/snapshot"
	"splameter/internal/statement"
)

// sqlEditions are the editions of SQL Server that a table may name.
var sqlEditions = []string{"Enterprise", "Datacenter", "Business Intelligence", "Standard", "Workgroup", "Web", "Developer", "Express", "Evaluation", "Windows Internal Database"}

// noEdition are the words by which tables say that there is none.
var noEdition = []string{"none", "no", "geen", "nee", "neen", "n/a", "na", "nvt", "n.v.t.", "kein", "keine", "keiner", "aucun", "aucune", "non", "nein", "ninguno", "no sql", "false", "0", "-", "–", "x"}

// editionCell is what one cell of the hosts table says of SQL Server.
type editionCell struct {
	best    string   // the highest edition that it names
	text    string   // as the cell writes it, for rules that match its words
	unknown []string // what it names besides, and no edition is called so
}

// readEdition reads a cell, which may name several instances.
func readEdition(cell string) (c editionCell) {
	take := func(part string) bool {
		e := product.SQLEdition(part)
		if !slices.Contains(sqlEditions, e) {
			return false
		}
		if sqlRank(e) > sqlRank(c.best) || c.best == "" {
			c.best, c.text = e, part
		}
		return true
	}
	parts := strings.FieldsFunc(cell, func(r rune) bool { return strings.ContainsRune(",;|/+&\n", r) })
	if slices.Contains(noEdition, strings.ToLower(strings.TrimSpace(cell))) {
		return c
	}
	for _, p := range parts {
		for _, part := range splitWords(p) {
			part = strings.TrimSpace(part)
			if part == "" || slices.Contains(noEdition, strings.ToLower(part)) || take(part) || bareWords(part) {
				continue
			}
			c.unknown = append(c.unknown, part)
		}
	}
	if len(c.unknown) > 0 && len(c.unknown) == len(parts) && take(cell) { // a stroke within a name
		c.unknown = nil
	}
	if c.best == "" && len(c.unknown) == 0 && strings.TrimSpace(cell) != "" {
		c.unknown = []string{strings.TrimSpace(cell)}
	}
	return c
}

// splitWords parts a text at "and" in some languages.
func splitWords(s string) []string {
	for _, and := range []string{" and ", " en ", " und ", " et "} {
		s = strings.ReplaceAll(s, and, "\x00")
	}
	return strings.Split(s, "\x00")
}

// bareWords says that a text tells nothing of an edition: a version, a bitness.
func bareWords(s string) bool {
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ' ' || r == '(' || r == ')' || r == '-' || r == '.' }) {
		switch w {
		case "sql", "server", "microsoft", "edition", "x64", "x86", "64", "32", "bit", "64bit", "32bit", "r2", "core", "based", "licensing":
			continue
		}
		if strings.Trim(w, "0123456789") == "" || strings.HasPrefix(w, "cu") && strings.Trim(w[2:], "0123456789") == "" || strings.HasPrefix(w, "sp") && strings.Trim(w[2:], "0123456789") == "" {
			continue
		}
		return false
	}
	return true
}

// completeSQL settles which edition of SQL Server each machine is counted for,
// from the hosts table, the engines that inventories found, and the month
// before. Where they disagree, or one is unknown, it is a question that names
// both, and the dearer one counts meanwhile.
func (e *evaluation) completeSQL(before map[string]*snapshot.Machine) {
	for _, m := range e.machines {
		cell := editionCell{}
		for _, s := range m.states {
			c := readEdition(s.SQLEdition)
			if sqlRank(c.best) > sqlRank(cell.best) || cell.best == "" {
				cell.best, cell.text = c.best, c.text
			}
			for _, u := range c.unknown {
				cell.unknown = appendNew(cell.unknown, u)
			}
		}
		m.sql = cell.text
		found := e.enginesFound(m)
		b := before[m.names[len(m.names)-1]]
		switch {
		case len(cell.unknown) > 0:
			e.unknownEdition(m, &cell, found)
		case cell.best == "" && (found.any || sqlRank(found.best) > 1):
			e.engineWithoutEdition(m, found)
		case cell.best != "" && found.best != "" && cell.best != found.best:
			e.editionsDisagree(m, &cell, found)
		case cell.best != "" && found.unknown != "":
			if near, ok := nearestSQL(found.unknown); ok && sqlRank(near) > sqlRank(cell.best) {
				m.sql = near
			}
			e.askEdition(m, cell.best+" / "+found.unknown, "SQL Server "+product.SQLEdition(m.sql),
				fmt.Sprintf("the hosts table says that %s has SQL Server %s, and its inventory shows an engine of the edition %q, which is none that is known", m.host, cell.best, found.unknown))
		case cell.best == "" && b != nil && !found.read:
			if old := readEdition(b.SQLEdition); sqlRank(old.best) > 1 {
				m.sql = old.text
				e.askEdition(m, "blank", "SQL Server "+old.best+", as the month before",
					fmt.Sprintf("the hosts table names no edition of SQL Server for %s any more; the month before it said %s, and no inventory of the month shows that it is gone", m.host, old.best))
			}
		}
		if c := readEdition(m.sql); sqlRank(c.best) > 1 && m.cores == 0 {
			if b != nil {
				m.cores = max(b.Processors*b.CoresPerProcessor, b.VirtualCores)
			}
			e.ask(statement.Question{Kind: statement.AskMachine, Subject: m.host, State: "sql cores", Tenant: m.tenant, About: []string{m.host}, Units: e.packsOf(m, false),
				Message: fmt.Sprintf("machine %s runs SQL Server %s and the hosts table gives no number of cores", m.host, c.best),
				Action:  "fill virtual_cores, or processors and cores_per_processor"})
		}
	}
}

// engines is what the inventories of a machine show of SQL Server.
type engines struct {
	best string // the highest edition told
	any  bool   // an engine whose edition is not told
	read bool   // there is an inventory
	name string // of the engine
	// unknown is what an engine calls its edition, where none is called so.
	unknown string
}

// enginesFound looks for engines of SQL Server on a machine, under every name
// that it bore.
func (e *evaluation) enginesFound(m *machine) (out engines) {
	for _, n := range m.names {
		hi, ok := e.est.byKey[n]
		if !ok {
			continue
		}
		var rows []product.Recognition
		for _, s := range e.est.hosts[hi].software {
			out.read = out.read || s.Installs.Len() > 0
			for i := range s.Installs.Len() {
				if t := e.est.recognise(s, i, e.products); t.what.Engine && t.what.Family == product.SQLServer {
					rows = append(rows, t.what)
				}
			}
		}
		for _, i := range product.Resolve(rows) {
			r := &rows[i]
			ed := product.SQLEdition(r.Edition)
			switch {
			case ed == "" || !slices.Contains(sqlEditions, ed):
				out.any = out.any || r.Licensable
				out.name, out.unknown = nameOr(out.name, r.Name), nameOr(out.unknown, ed)
			case sqlRank(ed) > sqlRank(out.best):
				out.best, out.name = ed, r.Name
			}
		}
	}
	return out
}

func (e *evaluation) askEdition(m *machine, state, assumed, message string) {
	q := statement.Question{Kind: statement.AskEdition, Subject: m.host, State: "sql " + state, Tenant: m.tenant, About: []string{m.host},
		Assumed: assumed, Message: message, Units: e.packsOf(m, false),
		Action:  "decide which it is, which then holds for the months to come; or fill sql_edition in a hosts table of each month; where nothing told the edition, splameter gather, a registry export or Get-DbaProductKey do",
		Answers: []register.Answer{register.Accepted, "enterprise", "standard", "web", "express", "developer", register.None}}
	if e.answerEdition(m, q.State) {
		q.Assumed = "what was decided"
	}
	e.ask(q)
}

// answerEdition counts the edition that was decided.
func (e *evaluation) answerEdition(m *machine, state string) bool {
	answer := e.answer(statement.AskEdition, m.host, state)
	if answer == register.None {
		m.sql = ""
		return true
	}
	for _, ed := range sqlEditions {
		if answer.Is(register.Answer(ed)) {
			m.sql = ed
			return true
		}
	}
	return false
}

// unknownEdition counts a misspelt edition as what it was probably meant to
// be, any other as the dearest that there is, and never lower than what else is
// known.
func (e *evaluation) unknownEdition(m *machine, cell *editionCell, found engines) {
	best, text := cell.best, cell.text
	for _, u := range cell.unknown {
		near, ok := nearestSQL(u)
		if !ok {
			near = e.dearestSQL()
		}
		if sqlRank(near) > sqlRank(best) {
			best, text = near, near
		}
	}
	if sqlRank(found.best) > sqlRank(best) {
		best, text = found.best, found.best
	}
	m.sql = text
	message := fmt.Sprintf("the hosts table says that %s has SQL Server %q, which is no edition", m.host, strings.Join(cell.unknown, ", "))
	if found.best != "" {
		message += "; its inventory shows " + found.name
	}
	e.askEdition(m, strings.Join(cell.unknown, ", "), "SQL Server "+best, message)
}

// nearestSQL is the edition that a text was probably meant to name, the highest
// that any of its words comes near to.
func nearestSQL(text string) (best string, ok bool) {
	for _, w := range append(strings.Fields(text), text) {
		if near, is := diag.Nearest(w, sqlEditions); is && (!ok || sqlRank(near) > sqlRank(best)) {
			best, ok = near, true
		}
	}
	return best, ok
}

// dearestSQL is the dearest edition that a rule counts.
func (e *evaluation) dearestSQL() string {
	for _, ed := range sqlEditions {
		for _, p := range e.products {
			if p.Unit == statement.UnitCore && len(p.Hosts.SQLEdition) > 0 && p.matchSQL(ed) {
				return ed
			}
		}
	}
	return sqlEditions[0]
}

// engineWithoutEdition counts an engine that the hosts table does not know.
func (e *evaluation) engineWithoutEdition(m *machine, found engines) {
	m.sql = found.best
	if found.any {
		if d := e.dearestSQL(); sqlRank(d) > sqlRank(m.sql) {
			m.sql = d
		}
	}
	e.askEdition(m, "none / "+nameOr(found.best, "not told"), "SQL Server "+m.sql,
		fmt.Sprintf("%s was found on %s, and the hosts table names no edition of SQL Server for it", found.name, m.host))
}

// editionsDisagree counts the dearer of table and inventory.
func (e *evaluation) editionsDisagree(m *machine, cell *editionCell, found engines) {
	if sqlRank(found.best) > sqlRank(cell.best) {
		m.sql = found.best
	}
	e.askEdition(m, cell.best+" / "+found.best, "SQL Server "+product.SQLEdition(m.sql),
		fmt.Sprintf("the hosts table says that %s has SQL Server %s, and its inventory shows %s", m.host, cell.best, found.name))
}
