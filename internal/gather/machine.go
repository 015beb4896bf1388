package gather

import (
	"encoding/binary"
	"errors"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"splameter/internal/drop"
)

// MachineOf is what the registry says of the system and of what it runs on.
func MachineOf(root Key) (m drop.Machine) {
	read := func(path string, into map[string]*string) bool {
		k, err := root.Open(path)
		if err != nil {
			return false
		}
		defer k.Close()
		values, err := k.Values(slices.Sorted(maps.Keys(into)))
		if err != nil {
			return false
		}
		for i := range values {
			if p := into[strings.ToLower(values[i].Name)]; p != nil && *p == "" {
				*p = strings.TrimSpace(values[i].Text)
			}
		}
		return true
	}
	read(`SOFTWARE\Microsoft\Windows NT\CurrentVersion`, map[string]*string{"productname": &m.System, "editionid": &m.Edition, "currentbuild": &m.Build})
	known := read(`HARDWARE\DESCRIPTION\System\BIOS`, map[string]*string{"systemmanufacturer": &m.Maker, "systemproductname": &m.Model})
	guest := read(`SOFTWARE\Microsoft\Virtual Machine\Guest\Parameters`, map[string]*string{"physicalhostnamefullyqualified": &m.Parent})
	if known && m.Maker+m.Model != "" || guest {
		v := guest || isVirtual(m.Maker, m.Model)
		m.Virtual = &v
	}
	return m
}

// isVirtual says whether a maker and model are those of a virtual machine. A
// hypervisor that gives a machine the name of a real one is not noticed: the
// hosts table decides then.
func isVirtual(maker, model string) bool {
	maker, model = strings.ToLower(maker), strings.ToLower(model)
	for _, m := range []string{"vmware", "qemu", "xen", "nutanix", "innotek", "parallels", "red hat", "bochs", "proxmox", "amazon ec2", "google"} {
		if strings.Contains(maker, m) {
			return true
		}
	}
	for _, m := range []string{"virtual machine", "kvm", "vmware", "virtualbox", "hvm domu", "ahv", "standard pc (", "openstack"} {
		if strings.Contains(model, m) {
			return true
		}
	}
	return false
}

// countProcessors counts what GetLogicalProcessorInformationEx gave:
// SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX one after the other, each with its
// relation and size in front. A core's group masks hold a bit a thread.
func countProcessors(b []byte) (packages, cores, threads int, err error) {
	le := binary.LittleEndian
	for len(b) > 0 {
		if len(b) < 32 {
			return 0, 0, 0, errors.New("what Windows says of its processors is cut off")
		}
		size := int(le.Uint32(b[4:]))
		if size < 32 || size > len(b) {
			return 0, 0, 0, errors.New("what Windows says of its processors cannot be understood")
		}
		switch le.Uint32(b) {
		case 3: // RelationProcessorPackage
			packages++
		case 0: // RelationProcessorCore
			cores++
			groups := int(le.Uint16(b[30:]))
			for g := range groups {
				at := 32 + 16*g // GROUP_AFFINITY on 64 bits
				if at+8 > size {
					return 0, 0, 0, errors.New("what Windows says of its processors cannot be understood")
				}
				threads += bits.OnesCount64(le.Uint64(b[at:]))
			}
		}
		b = b[size:]
	}
	if packages == 0 || cores == 0 {
		return 0, 0, 0, errors.New("how many processors there are, Windows does not say")
	}
	return packages, cores, threads, nil
}
