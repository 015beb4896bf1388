package product

import "testing"

func TestReadSystem(t *testing.T) {
	for _, c := range []struct {
		os, want string
		sure     bool
	}{
		{"Microsoft Windows Server 2022 Datacenter", "Microsoft Windows Server 2022 Datacenter", true},
		{"Windows Server 2022 Datacentre", "Microsoft Windows Server 2022 Datacenter", true},
		{"Windows Server 2019 Standaard", "Microsoft Windows Server 2019 Standard", true},
		{"Microsoft Windows Server 2022 Datacentr", "Microsoft Windows Server 2022 Datacenter", false},
		{"Microsoft Windows Server 2022 Standrad", "Microsoft Windows Server 2022 Standard", false},
		{"Microsoft Widnows Server 2022 Standard", "Microsoft Windows Server 2022 Standard", false},
		{"Windws 2019", "Windows (Windws 2019)", false},
		{"Windows Server 2022", "Windows Server 2022", true},
		{"Microsoft Windows 11 Enterprise", "Microsoft Windows 11 Enterprise", true},
		{"VMware ESXi 8.0 Standard", "VMware ESXi 8.0 Standard", true},
		{"Red Hat Enterprise Linux Server 9", "Red Hat Enterprise Linux Server 9", true},
		{"Microsoft Hyper-V Server 2019", "Microsoft Hyper-V Server 2019", true},
		{"Appliance 3", "Appliance 3", true},
		{"", "", true},
	} {
		if got, sure := ReadSystem(c.os); got != c.want || sure != c.sure {
			t.Errorf("%q: %q, %t; want %q, %t", c.os, got, sure, c.want, c.sure)
		}
	}
}
