package textblock

// Clock is Stamp with a memory for the minute: the times of a log follow each
// other, so that most of a time is compared, not computed.
type Clock struct {
	minute [17]byte // 2026-10-01T05:11: as it was written
	ticks  int64    // of its beginning; minutes begin where ticks do
}

// Stamp is as the function Stamp.
func (c *Clock) Stamp(b []byte) (ticks int64, offset, ok bool) {
	if len(b) >= 19 && len(b) <= 28 && [17]byte(b) == c.minute {
		ten, one := b[17]-'0', b[18]-'0'
		if ten <= 5 && one <= 9 {
			ticks = c.ticks + int64(ten*10+one)*ticksPerSecond
			rest := b[19:]
			if n := len(rest); n > 0 && rest[n-1] == 'Z' {
				rest, offset = rest[:n-1], true
			}
			if len(rest) == 0 {
				return ticks, offset, true
			}
			if rest[0] == '.' && len(rest) > 1 {
				part, unit := int64(0), int64(ticksPerSecond)
				for _, d := range rest[1:] {
					if d -= '0'; d > 9 {
						return Stamp(b)
					}
					if unit > 1 {
						part, unit = part*10+int64(d), unit/10
					}
				}
				return ticks + part*unit, offset, true
			}
		}
	}
	ticks, offset, ok = Stamp(b)
	if ok && (!offset || b[len(b)-1] == 'Z') {
		c.minute, c.ticks = [17]byte(b), ticks-ticks%(60*ticksPerSecond)
	}
	return ticks, offset, ok
}
