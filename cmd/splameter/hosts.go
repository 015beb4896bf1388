package main

import (
	"context"
	"path/filepath"

	"splameter/internal/gather"
)

type hostsCmd struct {
	Kit hostsKitCmd `cmd:"" help:"Write what an administrator rolls out so that hosts hand in by themselves."`
}

type hostsKitCmd struct {
	To        string `help:"The folder to write into." required:"" placeholder:"FOLDER"`
	Share     string `help:"The share that hosts write into, as \\\\SERVER\\NAME." required:"" placeholder:"SHARE"`
	Folder    string `help:"The same folder on its server." required:"" placeholder:"FOLDER"`
	Computers string `help:"The group of the computers." default:"Domain Computers" placeholder:"GROUP"`
	Reader    string `help:"The account that splameter collects with." default:"splameter" placeholder:"ACCOUNT"`
	Program   string `help:"Where the program is put on a host." default:"C:\\Program Files\\splameter\\splameter.exe" placeholder:"FILE"`
}

func (c *hostsKitCmd) Run(_ context.Context, a *app) error {
	names, err := gather.Kit{Share: c.Share, Folder: c.Folder, Computers: c.Computers, Reader: c.Reader, Program: c.Program}.Write(c.To)
	if err != nil {
		return err
	}
	for _, n := range names {
		a.printf("%s\n", filepath.Join(c.To, n))
	}
	return nil
}
