package product

import "strings"

// SQLEdition is the edition in the words of registry, SERVERPROPERTY or a
// table ("Standard Edition (64-bit)", "Enterprise Edition: Core-based
// Licensing"): Enterprise, Standard, Web, Business Intelligence, Workgroup,
// Datacenter, Developer, Express, Evaluation, Windows Internal Database; any
// other as written, trimmed.
func SQLEdition(s string) string {
	t := strings.TrimSpace(s)
	var buf [64]byte
	n := t
	if len(n) > len(buf) {
		n = n[:len(buf)]
	}
	n = string(appendLower(buf[:0], n))
	// What needs no licence stands first: "Enterprise Evaluation Edition",
	// "Standard Developer Edition", "Express Edition with Advanced Services".
	for _, e := range [...]struct{ word, edition string }{
		{"evaluation", "Evaluation"},
		{"developer", "Developer"},
		{"internal database", "Windows Internal Database"},
		{"express", "Express"},
		{"localdb", "Express"},
		{"business intelligence", "Business Intelligence"},
		{"datacenter", "Datacenter"},
		{"enterprise", "Enterprise"},
		{"standard", "Standard"},
		{"workgroup", "Workgroup"},
		{"web", "Web"},
	} {
		if strings.Contains(n, e.word) {
			return e.edition
		}
	}
	return t
}

// fromEngine is an instance whose edition the source tells.
func fromEngine(name, version, key, edition string) (Recognition, bool) {
	n := foldName(name)
	if !has(n, "database engine") && !plainSQL(n) && !(len(key) > 5 && strings.EqualFold(key[:5], "MSSQL")) {
		return Recognition{}, false // a tool's edition, or another program's
	}
	year := yearIn(n)
	if year == "" {
		year = SQLYear(version)
	}
	return engine(SQLEdition(edition), year), true
}

// engine is a database engine of that edition, "" where nothing tells it.
func engine(edition, year string) Recognition {
	r := Recognition{Family: SQLServer, Edition: edition, Year: year, Microsoft: true, Licensable: true, Engine: true, Name: "SQL Server"}
	for _, part := range []string{year, edition} {
		if part != "" {
			r.Name += " " + part
		}
	}
	switch edition {
	case "":
		r.Reason = r.Name + " database engine: edition not stated, ask; it stands only in the registry or in SERVERPROPERTY('Edition')"
	case "Express":
		r.Licensable, r.Reason = false, "Express edition: free"
	case "Developer":
		r.Licensable, r.Reason = false, "Developer edition: free, and not allowed for hosting production"
	case "Evaluation":
		r.Licensable, r.Reason = false, "Evaluation edition: free for 180 days, then it must be licensed or removed"
	case "Windows Internal Database":
		r.Licensable, r.Reason = false, "Windows Internal Database: part of Windows"
	default:
		r.Reason = r.Name + " database engine"
	}
	return r
}

// fromSQLName reads a folded name that holds "sql server". One machine shows
// some seventy rows; only the engine's own counts.
func fromSQLName(n string) Recognition {
	year := yearIn(n)
	switch {
	case has(n, "database engine services"):
		ed := ""
		if has(n, "express") {
			ed = "Express"
		}
		return engine(ed, year)
	case has(n, "localdb"):
		return free(SQLServer, "LocalDB: free")
	case has(n, "express"):
		return free(SQLServer, "Express edition: free")
	case has(n, "native client"):
		return free(SQLServer, "native client")
	case has(n, "odbc"), has(n, "ole db"), has(n, "oledb"), has(n, "jdbc"):
		return free(SQLServer, "driver for connecting to SQL Server")
	case has(n, "management studio"), has(n, "ssms"):
		return free(SQLServer, "Management Studio: free")
	case has(n, "data tools"):
		return free(SQLServer, "Data Tools: free")
	case has(n, "compact"):
		return free(SQLServer, "Compact edition: free")
	case has(n, "books online"):
		return free(SQLServer, "documentation")
	case has(n, "analysis services"), has(n, "reporting services"), has(n, "integration services"), has(n, "master data services"):
		return free(SQLServer, "component of SQL Server, licensed with the engine; on a machine without an engine it needs a licence too, ask")
	case plainSQL(n):
		return free(SQLServer, "setup entry of SQL Server, which stands there for tools too; an engine has a row Database Engine Services")
	}
	return free(SQLServer, "component or tool of SQL Server, without a licence of its own")
}

// plainSQL: "microsoft sql server 2016 (64-bit)", and nothing else in it.
func plainSQL(n string) bool {
	n = strings.TrimPrefix(n, "microsoft ")
	n = strings.TrimSuffix(n, " (64-bit)")
	n = strings.TrimSuffix(n, " r2")
	n, ok := strings.CutPrefix(n, "sql server ")
	return ok && n == yearIn(n)
}

// SQLYear is the year of an engine's version such as 13.2.5026.0, or "".
func SQLYear(version string) string {
	major, _, _ := strings.Cut(version, ".")
	switch major {
	case "9":
		return "2005"
	case "10":
		return "2008"
	case "11":
		return "2012"
	case "12":
		return "2014"
	case "13":
		return "2016"
	case "14":
		return "2017"
	case "15":
		return "2019"
	case "16":
		return "2022"
	case "17":
		return "2025"
	}
	return ""
}
