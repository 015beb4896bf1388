package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
)

// duckFolder names the variable that run.sh sets: the folder in which npm
// installed DuckDB as its makers ship it.
const duckFolder = "BENCH_DUCKDB"

// duckdb is DuckDB counting the distinct ones of a log, on one core. Node, in
// which it runs, takes a tenth of a second for its own start.
func (in inputs) duckdb(units int, sql, path string, must float64) peer {
	c := contender{name: "DuckDB, one thread", units: float64(units)}
	node, absent := found("node")
	folder := os.Getenv(duckFolder)
	switch {
	case absent != "":
		c.absent = absent
		return peer{c, must}
	case folder == "":
		c.absent = "not run: run.sh could not install it, or was not what was run"
		return peer{c, must}
	}
	script, err := in.peerFile("duckdb.mjs")
	if err != nil {
		c.absent = "not run: " + err.Error()
		return peer{c, must}
	}
	if out, err := exec.Command(node, script, folder, "SELECT 1").CombinedOutput(); err != nil {
		c.absent = "not run: " + lastLine(string(out))
		return peer{c, must}
	}
	if out, err := exec.Command(node, script, folder, "SELECT version()").Output(); err == nil {
		c.name = fmt.Sprintf("DuckDB %s, one thread", strings.TrimPrefix(lastLine(string(out)), "v"))
	}
	c.argv = []string{node, script, folder, fmt.Sprintf(sql, strings.ReplaceAll(path, "'", "''"))}
	return peer{c, must}
}

// What DuckDB is asked: columns are declared, as a user who wants it fast does.
const (
	duckJSON = `SELECT count(*) FROM (SELECT DISTINCT winlog.computer_name, winlog.user_data."User", "@timestamp"[1:10] FROM read_json('%s', format='newline_delimited', columns={"@timestamp":'VARCHAR', winlog:'STRUCT(computer_name VARCHAR, user_data STRUCT("User" VARCHAR))'}))`
	duckCSV  = `SELECT count(*) FROM (SELECT DISTINCT Computer, "User", TimeCreated[1:10] FROM read_csv('%s', header=true, auto_detect=false, delim=',', quote='"', columns={TimeCreated:'VARCHAR', EventID:'VARCHAR', Computer:'VARCHAR', "User":'VARCHAR', SessionID:'VARCHAR', Address:'VARCHAR', EventRecordID:'VARCHAR', Channel:'VARCHAR'}))`
)
