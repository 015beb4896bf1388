package rules

import "testing"

// Who is counted for the product is counted for what a group's name shows, where
// the edition is that one or a higher: "project" says no professional edition,
// nor does "client" say an enterprise one.
func TestCountedByWords(t *testing.T) {
	for _, x := range []struct {
		group, id, name string
		want            bool
	}{
		{"LIC-Project-Pro", "project-pro", "Project Professional SAL", true},
		{"LIC-Project-Pro", "project-std", "Project Standard SAL", false},
		{"LIC-Project", "project-std", "Project Standard SAL", true},
		{"LIC_OfficeProPlus2019", "office-pro", "Office Professional Plus SAL", true},
		{"LIC_OfficeProPlus2019", "office-std", "Office Standard SAL", false},
		{"LIC-SQL-Ent", "sql-std", "SQL Server Standard (client)", false},
		{"LIC-SQL-Ent", "sql-ent", "SQL Server Enterprise", true},
		{"LIC-Exchange-Plus", "exchange-std", "Exchange Standard SAL", false},
		{"LIC-Exchange-Plus", "exchange-std-plus", "Exchange Standard Plus SAL", true},
		{"LIC-Exchange-Plus", "exchange-ent", "Exchange Enterprise SAL", true},
		{"LIC-Exchange-Ent", "exchange-std-plus", "Exchange Standard Plus SAL", false},
		{"SharePoint Users", "sharepoint-std", "SharePoint Standard SAL", true},
		{"GG-SharePoint", "sharepoint-std", "SharePoint Standard SAL", true},
		{"LIC_PowerPoint", "office-std", "Office Standard SAL", true},
		{"RDS Remote-Desktop users", "rds", "Remote Desktop Services SAL", true},
		{"SharePoint-Amsterdam", "sharepoint-std", "SharePoint Standard SAL", false},
		{"LIC-Visio", "rds", "Remote Desktop Services SAL", false},
	} {
		what := licenceWords().products(x.group, nil)
		p := &Product{ID: x.id, Name: map[string]string{"en": x.name}}
		if got := what.countedBy(p); got != x.want {
			t.Errorf("who is counted for %s is counted for %s: %v, want %v", x.id, x.group, got, x.want)
		}
	}
}

// A group's name in other languages shows a product as well, and a server that is a
// part of the product's name does not make its users those who run it.
func TestGroupsThatShowAProduct(t *testing.T) {
	for _, x := range []struct {
		group, shows string // a product that it shows; empty: none
	}{
		{"GG-Licencia-Project-Profesional", "project-pro"},
		{"Licence Office Entreprise Utilisateurs", "office-std"},
		{"GRP_Licença_Exchange", "exchange-std"},
		{"APP-SQL-Server-Users", "sql-std"},
		{"Terminal Server Users", "rds"},
		{"Remote Desktop Services Gebruikers", "rds"},
		{"SharePoint Server Users", "sharepoint-std"},
		{"SQL Server", ""},
		{"Terminal Server", ""},
		{"SQL-Servers", ""},
		{"SQL Server Admins", ""},
		{"Exchange Servers", ""},
		{"Project Server Beheer", ""},
		{"Proyecto Oficina Madrid", ""},
		{"Groupe Projet Alpha", ""},
		{"Project Alfa", ""},
	} {
		what := licenceWords().products(x.group, nil)
		if x.shows == "" && what.products != nil || x.shows != "" && !what.products.Match(x.shows) {
			t.Errorf("%s shows %v, want %q", x.group, what.products, x.shows)
		}
	}
}
