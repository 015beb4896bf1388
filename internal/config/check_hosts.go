package config

import (
	"fmt"
	"net"
	"slices"
	"strings"

	"splameter/internal/safetext"
)

// hosts checks which hosts are read over the network, and as whom.
func (k *checker) hosts(seen names) {
	for i := range k.config.Hosts {
		h := &k.config.Hosts[i]
		at := func(keys ...any) []any { return append([]any{"hosts", i}, keys...) }
		if k.name(h.Name, at("name")...) {
			k.unique(seen, h.Name, "source", at("name")...)
		}
		switch {
		case len(h.Names) == 0 && h.Directory == "":
			k.fault("no hosts are named", "write names: [rdsh-01.host.example], or directory: and the name of a directory whose computers are read", at()...)
		case h.Directory == "" && len(h.Units) > 0:
			k.fault("units are those of a directory, and none is named", "write directory: and its name under directories", at("units")...)
		case h.Directory != "" && !slices.ContainsFunc(k.config.Directories, func(d Directory) bool { return d.Name == h.Directory }):
			k.fault(fmt.Sprintf("there is no directory %q", safetext.Clip(h.Directory, 60)), "write the name of one under directories", at("directory")...)
		case h.Directory != "" && len(h.Units) == 0 && len(k.config.Pools) == 0:
			k.fault("neither units nor pools say which of the directory's computers are read", "write units: [\"OU=Servers,DC=host,DC=example\"], or pools with their hosts", at("directory")...)
		}
		for j, n := range h.Names {
			if !safetext.IsHostName(n) {
				k.fault(fmt.Sprintf("%q is no name of a host", safetext.Clip(n, 60)), "write rdsh-01.host.example", at("names", j)...)
			}
		}
		for j, u := range h.Units {
			if !strings.Contains(u, "=") {
				k.fault(fmt.Sprintf("%q is no unit of a directory", safetext.Clip(u, 60)), "write a distinguished name such as OU=Servers,DC=host,DC=example", at("units", j)...)
			}
		}
		k.hostsLogOn(h, at)
		if share, folder, ok := strings.Cut(strings.ReplaceAll(h.Logs, "/", `\`), `\`); !ok && h.Logs == "" || share == "" || strings.Contains(folder, "..") || strings.ContainsAny(h.Logs, ":*?\"<>|") {
			k.fault(fmt.Sprintf("logs cannot be %q", safetext.Clip(h.Logs, 60)), `write a share and a folder in it, such as ADMIN$\System32\winevt\Logs`, at("logs")...)
		}
		for name, address := range h.Addresses {
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				host = address
			}
			if !safetext.IsHostName(host) && net.ParseIP(host) == nil {
				k.fault(fmt.Sprintf("%q is no address", safetext.Clip(address, 60)), "write HOST or HOST:PORT", at("addresses", name)...)
			}
		}
		number := func(key string, n, least, most int) {
			if n < least || n > most {
				k.fault(fmt.Sprintf("%s cannot be %d", key, n), fmt.Sprintf("write a number from %d to %d", least, most), at(key)...)
			}
		}
		number("port", h.Port, 1, 65535)
		number("tries", h.Tries, 1, 10)
		number("parallel", h.Parallel, 1, 256)
		if h.Timeout <= 0 {
			k.fault("the timeout is zero", "write one such as 10s", at("timeout")...)
		}
		if h.Limit < h.Timeout {
			k.fault("limit is shorter than timeout", "write one such as 15m", at("limit")...)
		}
	}
}

// hostsLogOn checks as whom the hosts are read.
func (k *checker) hostsLogOn(h *Hosts, at func(...any) []any) {
	switch h.Method {
	case "ntlm":
		if h.User != "" && h.Password.IsZero() {
			k.fault("the log-on to the hosts has no password", "write password: env:NAME or file:PATH", at("user")...)
		}
		if h.User == "" && !h.Password.IsZero() {
			k.fault("the log-on to the hosts has no user", "write user: NAME@DOMAIN", at("password")...)
		}
		for key, value := range map[string]string{"realm": h.Realm, "kdc": h.KDC, "keytab": h.Keytab, "ccache": h.CCache, "krb5_conf": h.Krb5Conf} {
			if value != "" {
				k.fault(key+" is for Kerberos only", "write method: kerberos, or leave it out", at(key)...)
			}
		}
	case "kerberos":
		ways := 0
		for _, set := range []bool{!h.Password.IsZero(), h.Keytab != "", h.CCache != ""} {
			if set {
				ways++
			}
		}
		if ways != 1 {
			k.fault("Kerberos wants a password, a keytab or a ccache", "write one of the three", at("method")...)
		}
		if h.User == "" || h.Realm == "" && !strings.Contains(h.User, "@") {
			k.fault("Kerberos wants an account and its realm", "write user: NAME@HOST.EXAMPLE", at("user")...)
		}
	default:
		k.oneOf(h.Method, []string{"ntlm", "kerberos"}, at("method")...)
	}
}
