package sessions

import "splameter/internal/snapshot"

// Account is the key of an account name on a host, as snapshot.Use.User has
// it, and whether it can be a person: for sources of sessions that are no
// logs. sid may be empty.
func Account(host, user, sid string) (key string, person bool) {
	key = foldUser([]byte(user), snapshot.HostKey(host))
	return key, key != "" && len(user) <= maxName && !isSystemAccount([]byte(user), []byte(sid))
}
