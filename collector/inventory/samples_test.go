package inventory

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"splameter/internal/snapshot"
)

// products are the products that need a licence, as Describe tells them.
func products(inv *snapshot.Inventory) []string {
	var out []string
	for a := range Describe(inv, nil) {
		if a.Licensable {
			out = append(out, a.Product+" / "+a.Channel)
		}
	}
	slices.Sort(out)
	return out
}

func TestSampleJSON(t *testing.T) {
	// By the samples' README: Office Professional Plus 2019 volume, Visio
	// Professional 2016 retail, one SQL Server 2016 engine whose edition is
	// not stated, and nothing else. 201 rows, of which one is an exact double
	// ("Microsoft SQL Server 2016 (64-bit)" differs in its publisher, the
	// others in their product codes).
	f := shared(t, "samples/inventory/tacticalrmm-software1.json")
	inv, err := ReadSoftware(t.Context(), f, "tacticalrmm-software1.json", Options{Host: HostOf("tacticalrmm-software1.json")})
	if err != nil {
		t.Fatal(err)
	}
	if len(inv.Software) != 1 || inv.Software[0].Host != "tacticalrmm-software1" || len(inv.Notes) != 0 {
		t.Fatalf("%d hosts, notes %v", len(inv.Software), inv.Notes)
	}
	want := []string{
		"Microsoft Office Professional Plus 2019 / volume",
		"Microsoft Visio Professional 2016 / retail",
		"SQL Server 2016 / ",
	}
	if diff := cmp.Diff(want, products(inv)); diff != "" {
		t.Error(diff)
	}
	for a := range Describe(inv, nil) {
		if a.Reason == "" {
			t.Errorf("%s: no reason", a.Name)
		}
	}
}

func TestSampleOfficeReg(t *testing.T) {
	// 344 names stand under Registration; two entries have a product code,
	// the same one and the same name: one Office Professional Plus 2016.
	f := shared(t, "samples/inventory/fusioninventory-office2016-msi.reg")
	inv, err := ReadSoftware(t.Context(), f, "office.reg", Options{Host: "PC1"})
	if err != nil {
		t.Fatal(err)
	}
	if inv.Status != snapshot.Complete {
		t.Errorf("status %s: %v", inv.Status, inv.Notes)
	}
	if len(inv.Software) != 1 || len(inv.Software[0].Installs) != 1 {
		t.Fatalf("software: %+v", inv.Software)
	}
	in := inv.Software[0].Installs[0]
	if in.Name != "Microsoft Office Professional Plus 2016" || in.Key != "{90160000-0011-0000-1000-0000000FF1CE}" {
		t.Errorf("%+v", in)
	}
	if diff := cmp.Diff([]string{"Microsoft Office Professional Plus 2016 / volume"}, products(inv)); diff != "" {
		t.Error(diff)
	}
}

func TestSampleLicensing(t *testing.T) {
	f := shared(t, "samples/inventory/fusioninventory-office2016-msi-SoftwareLicensingProduct.wmi")
	inv, err := ReadSoftware(t.Context(), f, "office.wmi", Options{Host: "PC1"})
	if err != nil {
		t.Fatal(err)
	}
	if inv.Status != snapshot.Complete || len(inv.Notes) != 0 {
		t.Errorf("status %s: %v", inv.Status, inv.Notes)
	}
	want := []snapshot.HostSoftware{{Host: "PC1", Installs: []snapshot.Install{{
		Name: "Microsoft Office Professional Plus 2016", Publisher: "Microsoft Corporation",
		Release: "Office16ProPlusVL_KMS_Client", Line: 3,
	}}}}
	if diff := cmp.Diff(want, inv.Software); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"Microsoft Office Professional Plus 2016 / volume"}, products(inv)); diff != "" {
		t.Error(diff)
	}
}

func TestSampleRussianReg(t *testing.T) {
	// Two programs; the Uninstall key itself holds only an empty default
	// value and is no program.
	f := shared(t, "samples/inventory/glpi-10-russian-Uninstall.reg")
	inv, err := ReadSoftware(t.Context(), f, "uninstall-PC2.reg", Options{Host: "PC2"})
	if err != nil {
		t.Fatal(err)
	}
	want := []snapshot.HostSoftware{{Host: "PC2", Installs: []snapshot.Install{
		{Name: "1C Предприятие 7.7", Version: "77.27", Key: "1C Предприятие 7.7.27", Line: 44},
		{Name: "КриптоПро CSP", Version: "5.0.12000", Publisher: "Компания КриптоПро", Key: "{50F91F80-D397-437C-B0C8-62128DE3B55E}", Line: 6},
	}}}
	if diff := cmp.Diff(want, inv.Software); diff != "" {
		t.Error(diff)
	}
	// It is the whole key of one view, and the other was not exported.
	if inv.Status != snapshot.Partial || len(inv.Notes) != 1 || !strings.Contains(inv.Notes[0].Message, "WOW6432Node") || len(products(inv)) != 0 {
		t.Errorf("status %s, notes %v, products %v", inv.Status, inv.Notes, products(inv))
	}
}
