package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// No way of showing a config or a secret shows the password.
func TestSecretsAreNotShown(t *testing.T) {
	const password = "hunter2-zeer-geheim"
	c, faults := Parse("c.yaml", []byte(head+"store: sqlserver://u@h?database=d\nstore_password: plain:"+password+
		"\ndirectories: [{name: d, url: ldaps://h, bind: {user: u, password: 'plain:"+password+"'}}]\n"))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	secret := c.Directories[0].Bind.Password
	if got, err := secret.Open(); got != password || err != nil || !secret.Plain() {
		t.Fatalf("the secret does not open: %v", err)
	}

	shown := map[string]string{}
	for name, v := range map[string]any{
		"config": c, "config by value": *c, "secret": secret, "pointer": &secret, "bind": c.Directories[0].Bind,
		"directories": c.Directories, "map": map[string]any{"password": secret}, "list": []Secret{secret},
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T"} {
			shown[name+" "+verb] = fmt.Sprintf(verb, v)
		}
		shown[name+" Sprint"] = fmt.Sprint(v)
		var text, jsonl bytes.Buffer
		slog.New(slog.NewTextHandler(&text, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&jsonl, nil)).Info("m", "v", v)
		shown[name+" slog text"], shown[name+" slog json"] = text.String(), jsonl.String()
		j, err := json.Marshal(v)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		y, err := yaml.Marshal(v)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		shown[name+" json"], shown[name+" yaml"] = string(j), string(y)
	}
	masked, err := c.Masked()
	if err != nil {
		t.Fatal(err)
	}
	shown["Masked"] = string(masked)
	hex := fmt.Sprintf("%x", password)
	for name, s := range shown {
		if strings.Contains(s, "hunter2") || strings.Contains(strings.ToLower(s), hex) {
			t.Errorf("%s shows the password: %s", name, s)
		}
	}
	if !strings.Contains(shown["secret json"], "********") || !strings.Contains(shown["Masked"], "password: plain:********") {
		t.Errorf("the mask is missing: %s", shown["secret json"])
	}
}

// Where a secret comes from is none.
func TestSecretSources(t *testing.T) {
	t.Setenv("SPLAMETER_TEST_PASSWORD", "from env")
	file := filepath.Join(t.TempDir(), "pw")
	if err := os.WriteFile(file, []byte("from file \r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ source, shown, want, err string }{
		{"", "", "", ""},
		{"env:SPLAMETER_TEST_PASSWORD", "env:SPLAMETER_TEST_PASSWORD", "from env", ""},
		{"env:SPLAMETER_TEST_NONE", "env:SPLAMETER_TEST_NONE", "", "the environment variable SPLAMETER_TEST_NONE with the password is not set; set it, or name a file with file:PATH"},
		{"file:" + file, "file:" + file, "from file ", ""},
		{"plain:a:b", "plain:********", "a:b", ""},
	} {
		s, err := NewSecret(c.source)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Open()
		if s.String() != c.shown || got != c.want || (err != nil) != (c.err != "") || err != nil && err.Error() != c.err {
			t.Errorf("%s: shown %s, opened %q, %v", c.source, s, got, err)
		}
	}
	for _, bad := range []string{"hunter2", "env:", "vault:x", ":"} {
		if _, err := NewSecret(bad); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
