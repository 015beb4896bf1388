package main

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
)

// noise is on every session host, and needs no licence.
var noise = []string{
	"Microsoft Visio Viewer 2016,16.0.4339.1001,Microsoft Corporation",
	"Microsoft Office Proofing Tools 2016 - Nederlands,16.0.4266.1001,Microsoft Corporation",
	"Microsoft SQL Server 2012 Native Client ,11.4.7462.6,Microsoft Corporation",
	"7-Zip 24.08 (x64),24.08,Igor Pavlov",
	"Google Chrome,154.0.7453.60,Google LLC",
}

// programs is what needs a licence, by host; RDSH-T02 is in the registry
// exports below.
var programs = []struct {
	host string
	list []string
}{
	{"RDSH-K01", []string{
		"Microsoft Office LTSC Standard 2021 - nl-nl,16.0.14332.20812,Microsoft Corporation",
		"Microsoft Visio LTSC Standard 2021 - nl-nl,16.0.14332.20812,Microsoft Corporation", // on one host of the pool: reachable all the same
	}},
	{"RDSH-K02", []string{"Microsoft Office LTSC Standard 2021 - nl-nl,16.0.14332.20812,Microsoft Corporation"}},
	{"RDSH-T01", []string{"Microsoft Office LTSC Professional Plus 2021 - nl-nl,16.0.14332.20812,Microsoft Corporation"}},
}

const hostsHeader = "host,kind,processors,cores_per_processor,virtual_cores,parent,operating_system,sql_edition,tenant,windows_licence\n"

// hosts is the hosts table; the cores of SQL-01 grow in October.
func hosts(sql01 string) []byte {
	return []byte(hostsHeader +
		"HV-01,physical,2,10,,,Microsoft Windows Server 2022 Datacenter,,,\n" +
		"HV-02,physical,2,6,,,Microsoft Windows Server 2022 Datacenter,,,\n" +
		"HV-03,physical,1,8,,,VMware ESXi 8.0,,,standard\n" +
		"RDSH-K01,virtual,,,8,HV-01,Microsoft Windows Server 2022 Datacenter,,,\n" +
		"RDSH-K02,virtual,,,8,HV-01,Microsoft Windows Server 2022 Datacenter,,,\n" +
		"RDSH-T01,virtual,,,8,HV-01,Microsoft Windows Server 2022 Datacenter,,,\n" +
		"RDSH-T02,virtual,,,8,HV-01,Microsoft Windows Server 2022 Datacenter,,,\n" +
		"SQL-01,virtual,,," + sql01 + ",HV-02,Microsoft Windows Server 2022 Datacenter,Standard,ijzer,\n" +
		"SQL-02,virtual,,,2,HV-02,Microsoft Windows Server 2022 Datacenter,Standard,notaris,\n" +
		"SQL-03,virtual,,,4,HV-02,Microsoft Windows Server 2022 Datacenter,Standard,ijzer,\n" +
		"SQL-04,virtual,,,2,HV-02,Microsoft Windows Server 2022 Datacenter,Express,tuinderij,\n" +
		"FS-01,virtual,,,2,HV-03,Microsoft Windows Server 2019 Standard,,,\n" +
		"APP-01,virtual,,,4,HV-03,Microsoft Windows Server 2019 Standard,,tuinderij,\n" +
		"LNX-01,virtual,,,4,HV-03,Debian GNU/Linux 13,,,\n")
}

func inventory(out map[string][]byte) error {
	for _, date := range []string{"2026-09-15", "2026-10-15"} {
		var b bytes.Buffer
		b.WriteString("host,name,version,publisher\n")
		for _, h := range programs {
			for _, p := range append(append([]string{}, noise...), h.list...) {
				b.WriteString(h.host + "," + p + "\n")
			}
		}
		out["inventory/software-"+date+".csv"] = b.Bytes()
		out["inventory/uninstall-RDSH-T02-"+date+".reg"] = registry()
	}
	out["inventory/hosts-2026-09-02.csv"] = hosts("4")
	out["inventory/hosts-2026-10-02.csv"] = hosts("4")
	out["inventory/hosts-2026-10-20.csv"] = hosts("6")
	return nil
}

// registry is the uninstall keys of RDSH-T02 as regedit exports them: UTF-16
// with a byte order mark. Project is told by its Click-to-Run release id.
func registry() []byte {
	const key = `[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\`
	const run = `\"C:\\Program Files\\Common Files\\Microsoft Shared\\ClickToRun\\OfficeClickToRun.exe\" scenario=install scenariosubtype=ARP sourcetype=None productstoremove=`
	text := strings.Join([]string{
		"Windows Registry Editor Version 5.00", "",
		key + "ProPlus2021Volume - nl-nl]",
		`"DisplayName"="Microsoft Office LTSC Professional Plus 2021 - nl-nl"`,
		`"DisplayVersion"="16.0.14332.20812"`, `"Publisher"="Microsoft Corporation"`,
		`"UninstallString"="` + run + `ProPlus2021Volume.16_nl-nl_x-none culture=nl-nl version.16=16.0"`, "",
		key + "ProjectPro2021Volume - nl-nl]",
		`"DisplayName"="Microsoft Project Professional 2021 - nl-nl"`,
		`"DisplayVersion"="16.0.14332.20812"`, `"Publisher"="Microsoft Corporation"`,
		`"UninstallString"="` + run + `ProjectPro2021Volume.16_nl-nl_x-none culture=nl-nl version.16=16.0"`, "",
		key + "7-Zip]", `"DisplayName"="7-Zip 24.08 (x64)"`, `"DisplayVersion"="24.08"`, `"Publisher"="Igor Pavlov"`, "", "",
	}, "\r\n")
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}
