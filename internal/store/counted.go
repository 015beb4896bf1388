package store

import "splameter/internal/statement"

// nameless are entries of what was counted without names: the ids stay.
func nameless(body []byte) ([]byte, error) {
	var list []statement.Counted
	err := unpackList(body, func(c *statement.Counted) {
		if c.Via == nil || c.Via.Kind != statement.ByMachine {
			c.Name = ""
		}
		list = append(list, *c)
	})
	if err != nil {
		return nil, err
	}
	return packList(list)
}
