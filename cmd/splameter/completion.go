package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" help:"bash or powershell." enum:"bash,powershell"`
}

func (completionCmd) Help() string {
	return `Prints a script by which a shell completes commands and flags.

Examples:
  splameter completion bash > /etc/bash_completion.d/splameter
  splameter completion powershell >> $PROFILE`
}

func (c *completionCmd) Run(a *app, k *kong.Kong) error {
	words := completions(k.Model.Node, "")
	if c.Shell == "powershell" {
		a.printf("%s", powershellCompletion(words))
		return nil
	}
	a.printf("%s", bashCompletion(words))
	return nil
}

// completion is what may follow some words.
type completion struct {
	after string // the commands so far, with one space between them
	words []string
}

// completions are all that may follow each command, in the order of the help.
func completions(n *kong.Node, path string) []completion {
	c := completion{after: path}
	for _, child := range n.Children {
		if !child.Hidden {
			c.words = append(c.words, child.Name)
		}
	}
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			c.words = append(c.words, "--"+f.Name)
		}
	}
	slices.Sort(c.words)
	c.words = slices.Compact(c.words)
	out := []completion{c}
	for _, child := range n.Children {
		if !child.Hidden {
			out = append(out, completions(child, strings.TrimSpace(path+" "+child.Name))...)
		}
	}
	return out
}

// bashCompletion is the script for bash. A file name completes as ever where
// nothing of ours fits.
func bashCompletion(all []completion) string {
	var b strings.Builder
	b.WriteString("# Completion of splameter for bash; made by: splameter completion bash\n_splameter() {\n\tlocal word path=\"\" words=\"\"\n\tfor word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n\t\tcase \"$word\" in -*) ;; *) case \"$path $word\" in\n")
	for _, c := range all[1:] {
		fmt.Fprintf(&b, "\t\t\t%q) path=%q ;;\n", strings.TrimSuffix(" "+c.after, " "), " "+c.after)
	}
	b.WriteString("\t\tesac ;; esac\n\tdone\n\tcase \"$path\" in\n")
	for _, c := range all {
		key := ""
		if c.after != "" {
			key = " " + c.after
		}
		fmt.Fprintf(&b, "\t\t%q) words=%q ;;\n", key, strings.Join(c.words, " "))
	}
	b.WriteString("\tesac\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\ncomplete -o default -F _splameter splameter\n")
	return b.String()
}

// powershellCompletion is the script for PowerShell.
func powershellCompletion(all []completion) string {
	var b strings.Builder
	b.WriteString("# Completion of splameter for PowerShell; made by: splameter completion powershell\nRegister-ArgumentCompleter -Native -CommandName splameter, splameter.exe -ScriptBlock {\n    param($word, $ast, $cursor)\n    $known = @{\n")
	for _, c := range all {
		fmt.Fprintf(&b, "        '%s' = '%s'\n", c.after, strings.Join(c.words, " "))
	}
	b.WriteString(`    }
    $path = ''
    foreach ($e in $ast.CommandElements | Select-Object -Skip 1) {
        $next = ($path + ' ' + $e.ToString()).Trim()
        if ($e.Extent.EndOffset -lt $cursor -and $known.ContainsKey($next)) { $path = $next }
    }
    $known[$path] -split ' ' | Where-Object { $_ -like "$word*" } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
`)
	return b.String()
}
