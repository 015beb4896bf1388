package config

import (
	"fmt"
	"net/url"
	"os"
	"strings"
)

// envPrefix begins a store's address that stands in a variable of the
// environment: so the same config, with the same digest, serves several
// stores.
const envPrefix = "env:"

// StoreAddress is where the store is: as the config says, or as the variable
// holds that it names.
func (c *Config) StoreAddress() (string, error) {
	name, ok := strings.CutPrefix(c.Store, envPrefix)
	if !ok {
		return c.Store, nil
	}
	address := os.Getenv(name)
	if address == "" {
		return "", fmt.Errorf("the config takes the store's address from the variable %s, which is not set; set it to an address such as sqlite:var/splameter.db", name)
	}
	if what, instead := storeFault(address); what != "" {
		return "", fmt.Errorf("in the variable %s, %s; %s", name, what, instead)
	}
	return absolute(c.Dir)(store, address), nil
}

// storeFault says what is wrong with a store's address, and what to write
// instead. The address is not shown: it may hold a password.
func storeFault(address string) (what, instead string) {
	const form = "write sqlite:PATH, postgres://USER@SERVER/DATABASE, or sqlserver://SERVER?database=NAME"
	if rest, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if rest == "" {
			return "the store has no file", form
		}
		return "", ""
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "sqlserver" && u.Scheme != "postgres" || u.Host == "" && u.Query().Get("host") == "" {
		return "the store is neither a file nor a server", form
	}
	_, secret := u.User.Password()
	for key := range u.Query() {
		secret = secret || strings.EqualFold(key, "password") || strings.EqualFold(key, "pwd")
	}
	if secret {
		return "a password stands in the store's address", "write it under store_password, as env:NAME or file:PATH"
	}
	return "", ""
}
