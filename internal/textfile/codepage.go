package textfile

import "golang.org/x/text/encoding/charmap"

// CodePage tells Windows-1252, whose letters with accents begin at 0xC0, from
// code page 850, whose letters lie between 0x80 and 0xA5.
func CodePage(data []byte) *charmap.Charmap {
	dos, windows := 0, 0
	for i, c := range data {
		letter := i > 0 && isLetter(data[i-1]) || i+1 < len(data) && isLetter(data[i+1])
		switch {
		case c == 0x81 || c == 0x8d || c == 0x8f || c == 0x90 || c == 0x9d: // ü ì Å É Ø; no characters of Windows-1252
			dos += len(data)
		case !letter:
		case c >= 0xc0:
			windows++
		case 0x80 <= c && c <= 0xa5 && c != 0x92 && c != 0xa0: // 0x92 is an apostrophe, 0xA0 a blank
			dos++
		}
	}
	if dos > windows {
		return charmap.CodePage850
	}
	return charmap.Windows1252
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
