package config

import (
	"fmt"
	"net"
	"slices"
	"strconv"

	"splameter/internal/safetext"
)

// Desk is how the agent serves the page to others than this machine: with TLS,
// and for whom a directory of the config lets on.
type Desk struct {
	Listen    string `yaml:"listen"`    // HOST:PORT; empty: the agent does not serve it
	Host      string `yaml:"host"`      // the name with port by which browsers call it; nothing else is answered
	Cert      string `yaml:"cert"`      // PEM file with the certificate and those of its authorities
	Key       string `yaml:"key"`       // PEM file with its key
	Directory string `yaml:"directory"` // the name of the directory, with a url, whose accounts log on

	// Groups of that directory, by their account names, and what their members may.
	Viewers         []string `yaml:"viewers"`
	AccountManagers []string `yaml:"account_managers"`
	Reviewers       []string `yaml:"reviewers"`
	Approvers       []string `yaml:"approvers"`

	Customers map[string][]string `yaml:"customers"` // of account managers: account name to the ids of their customers
}

// desk checks how the page is served.
func (k *checker) desk() {
	d := &k.config.Desk
	if d.Listen == "" {
		return
	}
	address := func(name, s string) {
		host, port, err := net.SplitHostPort(s)
		n, err2 := strconv.Atoi(port)
		if err != nil || err2 != nil || n < 1 || n > 65535 || name == "host" && host == "" {
			k.fault(fmt.Sprintf("%q is no %s of the desk", safetext.Clip(s, 60), name), "write HOST:PORT, such as splameter.host.example:8443", "desk", name)
		}
	}
	address("listen", d.Listen)
	address("host", d.Host)
	if d.Cert == "" || d.Key == "" {
		k.fault("the desk has no certificate: passwords and names would be for everybody on the way to read", "write cert: and key:, each a PEM file", "desk")
	}
	i := slices.IndexFunc(k.config.Directories, func(x Directory) bool { return x.Name == d.Directory })
	switch {
	case d.Directory == "" || i < 0:
		k.fault(fmt.Sprintf("%q is no directory of this config", safetext.Clip(d.Directory, 60)), "write the name of one: its accounts log on to the desk", "desk", "directory")
	case len(k.config.Directories[i].URL) == 0:
		k.fault("the directory "+safetext.Clip(d.Directory, 60)+" is read from exports: nobody can log on by it", "name one with a url", "desk", "directory")
	}
	if len(d.Viewers)+len(d.AccountManagers)+len(d.Reviewers)+len(d.Approvers) == 0 {
		k.fault("nobody may log on to the desk", "write a group's account name under approvers:, reviewers:, account_managers: or viewers:", "desk")
	}
}
