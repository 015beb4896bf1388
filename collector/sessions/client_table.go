package sessions

import (
	"slices"
	"strings"
	"unicode"
)

// clientTable are the devices from which accounts had sessions, by the rows that
// tell of them: few events name any.
type clientTable struct {
	ids   map[string]uint32
	names []string
	rows  map[uint32]*rowClients
}

// rowClients are the devices of one row, and the days on which one was named.
type rowClients struct {
	days uint32
	ids  []uint32
}

// mostClients is how many devices one account has on a host in a month at
// most: a log that names more was made up, and the days of those beyond are
// days without a name.
const mostClients = 256

// client is the number of a device's name; 0 for what is none. Whoever calls it
// holds the tables' lock.
func (t *tables) client(name []byte) uint32 {
	if len(name) == 0 {
		return 0
	}
	s := strings.ToLower(string(name))
	if s == "-" || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar }) {
		return 0
	}
	c := &t.clients
	if c.ids == nil {
		c.ids, c.names = map[string]uint32{"": 0}, []string{""}
	}
	return intern(c.ids, &c.names, s)
}

// addClient keeps that an account of a row sat at a device on a day.
func (t *tables) addClient(row, client uint32, d day) {
	c := &t.clients
	if c.rows == nil {
		c.rows = map[uint32]*rowClients{}
	}
	r := c.rows[row]
	if r == nil {
		r = &rowClients{}
		c.rows[row] = r
	}
	if !slices.Contains(r.ids, client) {
		if len(r.ids) >= mostClients {
			return
		}
		r.ids = append(r.ids, client)
	}
	r.days |= d.bit
}

// of are the devices of a row, sorted, and the days on which one was named.
func (c *clientTable) of(row uint32) (names []string, days uint32) {
	r := c.rows[row]
	if r == nil {
		return nil, 0
	}
	for _, id := range r.ids {
		names = append(names, c.names[id])
	}
	slices.Sort(names)
	return names, r.days
}
