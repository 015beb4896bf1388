package setup

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/register/prices"
	"splameter/internal/snapshot"
	"splameter/rules"
)

// Titles of Microsoft's price file and as resellers write them out; what is like
// one and is another licence is none of them.
func TestArticles(t *testing.T) {
	var list prices.List
	for _, p := range [][2]string{
		{"6WC-00002", "WinRmtDsktpSrvcsSAL ALNG LicSAPk MVL"},
		{"6WC-00003", "Win Rmt Dsktp Srvcs SAL ALNG LicSAPk MVL Dvc"},
		{"021-08183", "OfficeStd ALNG LicSAPk MVL SAL"},
		{"3YF-00001", "Office Mac Standard ALNG LicSAPk MVL"},
		{"79P-03536", "Office Professional Plus SAL (per gebruiker)"},
		{"H30-03412", "PrjctPro ALNG LicSAPk MVL SAL w1PrjctSvrCAL"},
		{"076-04006", "Project Standard SAL"},
		{"H22-00001", "PrjctSvr ALNG LicSAPk MVL SAL"},
		{"D87-1", "Visio Professional SAL"}, {"D87-2", "Visio Professional SAL (nieuw)"},
		{"7NQ-00302", "SQLSvrStdCore ALNG LicSAPk MVL 2Lic CoreLic"},
		{"228-05018", "SQLSvrStd ALNG LicSAPk MVL SAL"},
		{"9EM-00562", "WinSvrSTDCore ALNG LicSAPk MVL 2Lic CoreLic"},
		{"9EM-00265", "WinSvrSTDCore ALNG LicSAPk MVL 16Lic CoreLic"},
		{"9GS-00001", "CISSteDCCore ALNG LicSAPk MVL 2Lic CoreLic"},
		{"", ""},
	} {
		list = append(list, prices.Price{PartNumber: p[0], Title: p[1]})
	}
	all, faults := readArticles()
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	got := map[string]string{}
	for _, a := range all.Articles {
		if found := articles(a.Product, list); len(found) > 0 {
			got[a.Product] = strings.Join(found, " ")
		}
	}
	want := map[string]string{"rds": "6WC-00002", "office-std": "021-08183", "office-pro": "79P-03536", "project-pro": "H30-03412", "project-std": "076-04006", "project-server": "H22-00001",
		"visio-pro": "D87-1 D87-2", "sql-std": "7NQ-00302", "sql-std-sal": "228-05018", "win-std": "9EM-00562", "cis-dc": "9GS-00001"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for _, a := range all.Articles {
		found := false
		for i := range rules.Catalog().Products {
			found = found || rules.Catalog().Products[i].ID == a.Product
		}
		if !found {
			t.Errorf("the catalog has no %s", a.Product)
		}
	}
}

// A number that the price list has once for a product is proposed with it, two
// are a hint; each of the products that the estate makes due is proposed.
func TestPartNumbersOfThePriceList(t *testing.T) {
	s, dir := world(t)
	s.Software[0].Installs = append(s.Software[0].Installs, snapshot.Install{Name: "SQL Server 2019 Database Engine Services", Publisher: "Microsoft Corporation", Edition: "Web Edition (64-bit)"})
	s.Machines = []snapshot.Machine{{Host: "ESX1", Kind: snapshot.Physical, Processors: 2, CoresPerProcessor: 8, OperatingSystem: "VMware ESXi 8"},
		{Host: "RDSH-1", Kind: snapshot.Virtual, Parent: "ESX1", VirtualCores: 4, OperatingSystem: "Microsoft Windows Server 2022 (64-bit)"}}
	h := have(t, dir)
	h.Prices = prices.List{{PartNumber: "021-1", Title: "Office Standard SAL"}, {PartNumber: "W-1", Title: "SQL Server Web Core 2Lic"}}
	list, err := Propose(s, h, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	var take []Proposal
	for _, p := range list {
		switch p.Kind {
		case PricedPart, PartNumber, NewProduct:
			got = append(got, strings.TrimSpace(string(p.Kind)+" "+p.Product+" "+p.value))
		}
		if p.Kind == PricedPart || p.Product == "sql-web" {
			take = append(take, p)
		}
	}
	want := []string{"product sql-web W-1", "product visio-std", "product win-dc", "product win-std", "priced office-std 021-1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	edit, err := Take(h, take, Answers{})
	if err != nil {
		t.Fatal(err)
	}
	if text := string(edit[0].Is); !strings.Contains(text, "- catalog: office-std\n    part_number: \"021-1\"\n") || !strings.Contains(text, "- catalog: sql-web\n    part_number: W-1\n") {
		t.Error(text)
	}
	h.Prices = append(h.Prices, prices.Price{PartNumber: "021-2", Title: "OfficeStd SAL"})
	if list, err = Propose(s, h, nil); err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if p.Product == "office-std" && (p.Kind != PartNumber || strings.Join(p.Hints, " ") != "021-1 021-2") {
			t.Errorf("%+v", p)
		}
	}
}
