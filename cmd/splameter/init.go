package main

import (
	"context"
	"path/filepath"

	"splameter/internal/paths"
	"splameter/internal/setup"
)

type initCmd struct {
	Directory  []string `help:"The directory: ldaps://SERVER, ldap://SERVER (StartTLS), or a pattern of LDIF exports in quotes. Once for each domain." required:"" placeholder:"URL|PATTERN" sep:"none"`
	Base       []string `help:"The organizational unit beneath which the customers' units lie. Default: it is looked for." placeholder:"OU" sep:"none"`
	Logs       string   `help:"A folder of session logs." placeholder:"DIR" type:"existingdir"`
	Inventory  []string `help:"A folder of inventories and hosts tables, each file dated by its name; may be given several times." placeholder:"DIR" type:"existingdir" sep:"none"`
	Hosts      []string `help:"A unit of a live directory: its computers are session hosts and servers, and are read over the network (docs/hosts.md)." placeholder:"OU" sep:"none"`
	HostsUser  string   `help:"Who logs on to the hosts. Default: --user." placeholder:"NAME"`
	HostsPass  string   `name:"hosts-password" help:"Where that password stands. Default: --password." placeholder:"env:NAME"`
	Drops      string   `help:"A folder into which hosts hand in by themselves (splameter gather)." placeholder:"DIR" type:"existingdir"`
	User       []string `help:"Who logs on to the directory: name@domain or DOMAIN\\name. Once for all directories, or once for each." placeholder:"NAME" sep:"none"`
	Password   []string `help:"Where the password stands: env:NAME or file:PATH. Once for all directories, or once for each." placeholder:"env:NAME" sep:"none"`
	CA         string   `name:"ca" help:"PEM file with the authority that issued the server's certificate. Default: the system's." placeholder:"FILE" type:"existingfile"`
	ServerName []string `help:"The name in the server's certificate. Default: the address's." placeholder:"NAME" sep:"none"`
	Customers  string   `help:"An export of your customers from the CRM, CSV: number, name, address, contact, e-mail. Merged into tenants.draft.csv by number or name." placeholder:"FILE" type:"existingfile"`
	Ready      bool     `help:"Write the tables under the names that the config gives them, ready for splameter desk, whose screen Set-up does the rest."`
	Provider   string   `help:"The provider's name." placeholder:"NAME"`
	TimeZone   string   `help:"The provider's time zone." placeholder:"Europe/Amsterdam"`
}

func (initCmd) Help() string {
	return `Reads each source once and writes, beside the config that --config names, a
commented config.yaml and drafts to correct: tenants.draft.csv (a line a unit),
groups.draft.csv, software.draft.csv, pools.draft.yaml, rules.draft.yaml,
exclusions.draft.csv (administrators and service accounts by their names),
persons.draft.csv (accounts that may be one person) and an empty
prices.draft.csv. With --ready the tables stand under their own names in place
of drafts, and splameter desk goes on. Nothing is overwritten: where one of them
is there already, none is written. What the sources do not say stays empty. The
whole directory is read; --base only says where the customers are.
docs/first-day.md goes on from here.

Examples:
  splameter init --directory ldaps://dc1.host.example --user reader@host.example --password env:LDAP_PASSWORD --base "OU=Customers,DC=host,DC=example" --logs logs --inventory inventory
  splameter init --directory ldaps://dc1.host.example --user reader@host.example --password env:LDAP_PASSWORD --hosts "OU=Servers,DC=host,DC=example" --hosts-user farm@host.example --hosts-password env:FARM_PASSWORD
  splameter init --directory "exports/*.ldif" --provider "Example Hosting" --time-zone Europe/Amsterdam
  splameter init --directory "exports/*.ldif" --logs logs --inventory inventory --customers crm.csv --provider "Example Hosting" --time-zone Europe/Amsterdam --ready`
}

func (c *initCmd) Run(ctx context.Context, a *app) error {
	log, err := a.logger(nil)
	if err != nil {
		return err
	}
	if name := filepath.Base(a.cli.Config); name != setup.ConfigFile {
		return usageError("init writes a file called " + setup.ConfigFile + "; give its folder with --config FOLDER/" + setup.ConfigFile)
	}
	opt := setup.Options{Dir: filepath.Dir(a.cli.Config), Directories: c.Directory, Base: c.Base, CA: c.CA, Servers: c.ServerName, Users: c.User, Password: c.Password,
		Hosts: c.Hosts, HostsUser: c.HostsUser, HostsPassword: c.HostsPass, Drops: c.Drops, Logs: c.Logs, Inventory: c.Inventory, Provider: c.Provider, TimeZone: c.TimeZone, Customers: c.Customers, Ready: c.Ready}
	seen, err := setup.Read(ctx, opt, setup.Env{Now: a.now, Workers: a.workers(), Log: log})
	if err != nil {
		return err
	}
	files, err := setup.Drafts(seen, opt)
	if err != nil {
		return err
	}
	if err := setup.Write(opt.Dir, files); err != nil {
		return err
	}
	a.printf("Read %s, %s; %s with software, %s.\n", number(len(seen.Directory.Accounts), "account", "accounts"), number(len(seen.Directory.Groups), "group", "groups"),
		number(len(seen.Software), "host", "hosts"), number(len(seen.Machines), "machine", "machines"))
	for i := range seen.From {
		if f := &seen.From[i]; f.Export != "" {
			a.printf("The newest export was read: %s\n", clean(paths.Shown("", f.Export)))
		}
	}
	for _, n := range seen.Notes {
		a.printf("Not read: %s\n", clean(n))
	}
	if c.Ready {
		a.printf("\nWritten:\n")
	} else {
		a.printf("\nWritten, to be corrected:\n")
	}
	for _, f := range files {
		a.printf("  %s\n", filepath.Join(opt.Dir, f.Name))
	}
	if c.Ready {
		a.printf("\nNext: splameter desk, and there Set-up; or splameter propose.\n")
		return nil
	}
	a.printf("\nNext: correct and rename the drafts, fill in config.yaml, then splameter check.\n")
	return nil
}
