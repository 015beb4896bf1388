package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/statement"
)

// Of the fixture: appel 3 rds and 4 sql, boom 2 rds, citroen 1 rds; the
// unassigned 1 is nobody's. Made internal, boom's 2 are the provider's own.
func TestEndUsers(t *testing.T) {
	in := fixture(t)
	in.Statement.Tenants[1].Internal = true
	all, rest := workbooks(t, in).EndUsers()
	var got []string
	for _, e := range all {
		got = append(got, strings.Join([]string{e.Tenant, e.Name, e.Street, e.Postal, e.City, e.Country, e.Product, e.PartNumber, itoa(e.Quantity), e.Note}, "|"))
	}
	want := []string{
		"appel|Appel & Peer B.V.|Boomgaard 12|4100 AB|Culemborg|NL|Remote Desktop Services SAL|6WC-00002|3|",
		"appel|Appel & Peer B.V.|Boomgaard 12|4100 AB|Culemborg|NL|SQL Server Standard (2 cores)||4|",
		"citroen|Citroën =1+1 Holding|Rue du Port 9|1000|Bruxelles|BE|Remote Desktop Services SAL|6WC-00002|1|" + mayBePerson,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if rest != (EndUserRest{Internal: 2, Unassigned: 1}) {
		t.Errorf("the rest is %+v", rest)
	}
	var b bytes.Buffer
	if err := workbooks(t, in).EndUserWorkbook(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	rows := cells(t, openBook(t, b.Bytes()), "End customers")
	if diff := cmp.Diff([]string{"Appel & Peer B.V.", "Boomgaard 12", "4100 AB", "Culemborg", "Netherlands", "Remote Desktop Services SAL", "6WC-00002", "per user", "3"}, rowOf(t, rows, "Appel & Peer B.V.")[:9]); diff != "" {
		t.Error(diff)
	}
	if hasText(rows, "Boom Advies") || !hasText(rows, "own use 2, not assigned 1") {
		t.Error("the provider's own use is not told apart")
	}
	for name, data := range parts(t, b.Bytes()) {
		if strings.Contains(data, anna) || strings.Contains(data, "avries") || strings.Contains(data, purchase) {
			t.Errorf("%s holds a person or a price", name)
		}
	}
	in.Register.Tenants[0].Name = "=cmd|' /C calc'!A0 B.V."
	b.Reset()
	if err := workbooks(t, in).EndUserCSV(t.Context(), &b); err != nil || !strings.Contains(b.String(), "\n2026-10,appel,'=cmd|' /C calc'!A0 B.V.,Boomgaard 12,4100 AB,Culemborg,NL,Remote Desktop Services SAL,6WC-00002,per user,3,\n") {
		t.Errorf("%v: %s", err, b.String())
	}
}

func TestLegalForms(t *testing.T) {
	for name, want := range map[string]bool{
		"Bakkerij Jansen": false, "Jansen": false, "Bakkerij B.V.": true, "Bakkerij BV": true, "Harbour Lights Ltd": true, "Müller GmbH & Co. KG": true,
		"Stichting De Brug": true, "J. Nvidal": false, "IJzerwerf & Zn. B.V.": true, "Bakker S.A.": true, "Sally Bvers": false, "Gemeente Voorbeeld": true,
	} {
		if got := legalForm().MatchString(name); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestEndUsersOfAnImportedMonth(t *testing.T) {
	in := fixture(t)
	in.Statement = Imported(&statement.Earlier{Month: "2026-10", Quantities: []statement.Quantity{
		{Tenant: "appel", PartNumber: "6wc-00002", Quantity: 9}, {Tenant: "", PartNumber: "OLD-1", Quantity: 2}}}, in.Register, in.Statement.Products)
	all, rest := workbooks(t, in).EndUsers()
	if len(all) != 1 || all[0].Product != "Remote Desktop Services SAL" || all[0].Quantity != 9 || rest.Unassigned != 2 {
		t.Errorf("%+v, %+v", all, rest)
	}
}
