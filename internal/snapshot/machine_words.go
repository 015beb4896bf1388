package snapshot

// MachineKind is whether a machine is one.
type MachineKind string

// The kinds of machines.
const (
	Physical MachineKind = "physical"
	Virtual  MachineKind = "virtual"
)

// MachineKinds are all kinds.
func MachineKinds() []MachineKind { return []MachineKind{Physical, Virtual} }

// SQLLicence is by what a machine's SQL Server is licensed.
type SQLLicence string

// What the hosts table says of it.
const (
	SQLCore     SQLLicence = "core"     // by its own cores
	SQLSAL      SQLLicence = "sal"      // by its users
	SQLHost     SQLLicence = "host"     // by the cores of its physical host
	SQLCustomer SQLLicence = "customer" // by a customer's own licences
)

// SQLLicences are all that the column may say.
func SQLLicences() []SQLLicence { return []SQLLicence{SQLCore, SQLSAL, SQLHost, SQLCustomer} }

// WindowsLicence is by what a physical host's Windows Server is licensed.
type WindowsLicence string

// What the hosts table says of it.
const (
	WindowsDatacenter    WindowsLicence = "datacenter"
	WindowsStandard      WindowsLicence = "standard"
	WindowsCISDatacenter WindowsLicence = "cis-datacenter"
	WindowsCISStandard   WindowsLicence = "cis-standard"
	WindowsCustomer      WindowsLicence = "customer"
)

// WindowsLicences are all that the column may say.
func WindowsLicences() []WindowsLicence {
	return []WindowsLicence{WindowsDatacenter, WindowsStandard, WindowsCISDatacenter, WindowsCISStandard, WindowsCustomer}
}

// Power is whether a machine was on when it was read.
type Power string

// The two of them.
const (
	PowerOn  Power = "on"
	PowerOff Power = "off"
)

// Powers are both.
func Powers() []Power { return []Power{PowerOn, PowerOff} }
