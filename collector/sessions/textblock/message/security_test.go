package message

import (
	"strings"
	"testing"
)

// The texts of Security and the gateway, by their shape: English, German,
// Dutch, French and Spanish, and the older form of 4624.
func TestSecurityTexts(t *testing.T) {
	logon := func(title, subject, sid, name, domain, id, info, kind, user, process, net, work, address, port string) string {
		return title + "\r\n\r\n" + subject + "\r\n\t" + sid + "\t\tS-1-5-18\r\n\t" + name + "\t\tRDSH-A01$\r\n\t" + domain + "\t\tMOLEN\r\n\t" + id + "\t\t0x3E7\r\n\r\n" +
			info + "\r\n\t" + kind + "\t\t10\r\n\tX:\t-\r\n\tY:\t\tNo\r\n\tZ:\t\tYes\r\n\r\nI:\t\tImpersonation\r\n\r\n" +
			user + "\r\n\t" + sid + "\t\tS-1-5-21-1-2-3-1101\r\n\t" + name + "\t\ta.molenaar\r\n\t" + domain + "\t\tMOLEN\r\n\t" + id + "\t\t0x1ABCDE\r\n\tL:\t\t0x0\r\n\tN:\t-\r\n\tD:\t-\r\n\tG:\t\t{00000000-0000-0000-0000-000000000000}\r\n\r\n" +
			process + "\r\n\tP:\t\t0x4b8\r\n\tQ:\t\tC:\\Windows\\System32\\svchost.exe\r\n\r\n" +
			net + "\r\n\t" + work + "\tRDSH-A01\r\n\t" + address + "\t10.30.1.10\r\n\t" + port + "\t\t0\r\n\r\n" +
			"Detailed:\r\n\tA:\t\tUser32 \r\n\tB:\tNegotiate\r\n\tC:\t-\r\n\tD:\t-\r\n\tE:\t\t0\r\n\r\nThis event is generated: yes.\r\n"
	}
	const want = "TargetUserName=a.molenaar TargetDomainName=MOLEN TargetLogonId=0x1ABCDE LogonType=10 WorkstationName=RDSH-A01 IpAddress=10.30.1.10 IpPort=0"
	const s, g = "Security", "Microsoft-Windows-TerminalServices-Gateway/Operational"
	for _, tt := range []struct {
		channel string
		id      uint32
		text    string
		want    string
	}{
		{s, 4624, logon("An account was successfully logged on.", "Subject:", "Security ID:", "Account Name:", "Account Domain:", "Logon ID:", "Logon Information:", "Logon Type:", "New Logon:", "Process Information:", "Network Information:", "Workstation Name:", "Source Network Address:", "Source Port:"), want},
		{s, 4624, logon("Ein Konto wurde erfolgreich angemeldet.", "Antragsteller:", "Sicherheits-ID:", "Kontoname:", "Kontodomäne:", "Anmelde-ID:", "Anmeldeinformationen:", "Anmeldetyp:", "Neue Anmeldung:", "Prozessinformationen:", "Netzwerkinformationen:", "Arbeitsstationsname:", "Quellnetzwerkadresse:", "Quellport:"), want},
		{s, 4624, logon("Er is een account aangemeld.", "Onderwerp:", "Beveiligings-id:", "Accountnaam:", "Accountdomein:", "Aanmeldings-id:", "Aanmeldingsgegevens:", "Aanmeldingstype:", "Nieuwe aanmelding:", "Procesgegevens:", "Netwerkgegevens:", "Naam van werkstation:", "Bronnetwerkadres:", "Bronpoort:"), want},
		{s, 4624, logon("L’ouverture de session d’un compte s’est correctement déroulée.", "Objet :", "ID de sécurité :", "Nom du compte :", "Domaine du compte :", "ID d’ouverture de session :", "Informations :", "Type d’ouverture de session :", "Nouvelle ouverture de session :", "Processus :", "Réseau :", "Station :", "Adresse :", "Port :"), want},
		{s, 4624, logon("Se inició sesión correctamente en una cuenta.", "Firmante:", "Id. de seguridad:", "Nombre de cuenta:", "Dominio de cuenta:", "Id. de inicio de sesión:", "Información:", "Tipo:", "Nuevo inicio de sesión:", "Proceso:", "Red:", "Estación:", "Dirección:", "Puerto:"), want},
		{s, 4624, "An account was successfully logged on.\n\nSubject:\n\tSecurity ID:\t\tSYSTEM\n\tAccount Name:\t\tH$\n\tAccount Domain:\t\tM\n\tLogon ID:\t\t0x3e7\n\nLogon Type:\t\t\t7\n\nNew Logon:\n\tSecurity ID:\t\tM\\b\n\tAccount Name:\t\tb\n\tAccount Domain:\t\tM\n\tLogon ID:\t\t0x1\n\tLogon GUID:\t\t{0}\n\nProcess Information:\n\tProcess ID:\t\t0x1\n\tProcess Name:\t\tx\n\nNetwork Information:\n\tWorkstation Name:\tH\n\tSource Network Address:\t-\n\tSource Port:\t\t-\n",
			"TargetUserName=b TargetDomainName=M TargetLogonId=0x1 LogonType=7 WorkstationName=H IpAddress=- IpPort=-"},
		{s, 4634, "An account was logged off.\n\nSubject:\n\tSecurity ID:\t\tS-1-5-90-0-1\n\tAccount Name:\t\tDWM-1\n\tAccount Domain:\t\tWindow Manager\n\tLogon ID:\t\t0x1F\n\nLogon Type:\t\t\t2\n\nThis event is generated when a logon session is destroyed.",
			"TargetUserSid=S-1-5-90-0-1 TargetUserName=DWM-1 TargetDomainName=Window Manager TargetLogonId=0x1F LogonType=2"},
		{s, 4647, "User initiated logoff:\n\nSubject:\n\tSecurity ID:\t\tS-1-5-21-1\n\tAccount Name:\t\tb\n\tAccount Domain:\t\tM\n\tLogon ID:\t\t0x1F\n\nThis event", "TargetUserName=b TargetDomainName=M TargetLogonId=0x1F"},
		{s, 4778, "A session was reconnected to a Window Station.\n\nSubject:\n\tAccount Name:\t\tb\n\tAccount Domain:\t\tM\n\tLogon ID:\t\t0x1F\n\nSession:\n\tSession Name:\t\tRDP-Tcp#3\n\nAdditional Information:\n\tClient Name:\t\tPC1\n\tClient Address:\t\t10.1.1.1\n\nThis event",
			"AccountName=b AccountDomain=M LogonID=0x1F SessionName=RDP-Tcp#3 ClientName=PC1 ClientAddress=10.1.1.1"},
		{s, 4624, "An account was successfully logged on.", ""},
		{s, 4624, "An account was successfully logged on. Subject: Security ID: S-1-5-18 Account Name: H$ Logon Type: 10", ""},
		{s, 4778, "Subject:\n\tAccount Name:\t\tb\n", ""},
		{g, 302, `The user "MOLEN\b", on client computer "10.1.1.1", connected to resource "rdsh-a01". Connection protocol used: "HTTP".`, `Username=MOLEN\b IpAddress=10.1.1.1 Resource=rdsh-a01`},
		{g, 303, "Der Benutzer „MOLEN\\b“ auf Clientcomputer „10.1.1.1“ hat die Verbindung mit „rdsh-a01“ getrennt.", `Username=MOLEN\b IpAddress=10.1.1.1 Resource=rdsh-a01`},
		{g, 302, `On "10.1.1.1", the user "MOLEN\b" connected to "rdsh-a01".`, ""},
		{g, 200, `The user "MOLEN\b", on client computer "10.1.1.1", met connection authorization policy requirements.`, `Username=MOLEN\b IpAddress=10.1.1.1`},
	} {
		fields, ok := Fields(nil, []byte(tt.channel), tt.id, []byte(tt.text))
		var got []string
		for _, f := range fields {
			got = append(got, string(f.Name)+"="+string(f.Value))
		}
		if s := strings.Join(got, " "); s != tt.want || ok != (tt.want != "") {
			t.Errorf("%d %.60q: got %q, %v; want %q", tt.id, tt.text, s, ok, tt.want)
		}
	}
}

func FuzzSecurity(f *testing.F) {
	f.Add(uint32(4624), []byte("T.\n\nS:\n\tA:\tS-1-5-18\n\tB:\tx\n\tC:\ty\n\tD:\t0x3\n\nL:\t10\n\nN:\n\tA:\tS-1-5-21\n\tB:\tx\n\tC:\ty\n\tD:\t0x4\n"))
	f.Add(uint32(4778), []byte("T.\n\nS:\n\tA:\tx\n\tB:\ty\n\tC:\t0x3\nS:\n\tA:\tx\nS:\n\tA:\tx\n\tB:\t1.1.1.1\n"))
	f.Add(uint32(302), []byte(`"a", "1.1.1.1", "h"`))
	f.Fuzz(func(t *testing.T, id uint32, text []byte) {
		for _, channel := range []string{"Security", "Microsoft-Windows-TerminalServices-Gateway/Operational"} {
			if fields, ok := Fields(nil, []byte(channel), id, text); ok != (len(fields) > 0) {
				t.Error("ok without fields, or fields without ok")
			}
		}
	})
}
