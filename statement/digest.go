package statement

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
)

// BasisDigest is the SHA-256, in hex, of everything that stands behind the
// lines: one JSON value a person, machine and application, in their order.
func (s *Statement) BasisDigest() string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for i := range s.Persons.Len() {
		p := s.Persons.At(i)
		_ = enc.Encode(&p) // a hash takes every write, and these types always encode
	}
	for i := range s.Machines {
		_ = enc.Encode(&s.Machines[i])
	}
	for i := range s.Applications {
		_ = enc.Encode(&s.Applications[i])
	}
	return hex.EncodeToString(h.Sum(nil))
}
