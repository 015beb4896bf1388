package access

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Remedy is what to do about a file that others may read.
const Remedy = "give it, or the folder that it is in, to the account of splameter and the administrators alone (icacls FILE /inheritance:r /grant:r ACCOUNT:F Administrators:F SYSTEM:F)"

// everybody are the groups that anyone on the machine, or in its domain, is in.
func everybody() []windows.WELL_KNOWN_SID_TYPE {
	return []windows.WELL_KNOWN_SID_TYPE{
		windows.WinWorldSid, windows.WinAuthenticatedUserSid, windows.WinBuiltinUsersSid, windows.WinBuiltinGuestsSid,
		windows.WinAnonymousSid, windows.WinInteractiveSid, windows.WinNetworkSid,
	}
}

// domainUsers is the last part of the SID of a domain's group of all users.
const domainUsers = 513

// readData is the right to read a file, or to list a folder.
const readData = windows.ACCESS_MASK(0x1)

// Others are the groups of everybody who may read a file or folder, by name. A
// path that is not there is nobody's. An entry that takes the right away from
// such a group counts for what it says, in the order of the list.
func Others(path string) ([]string, error) {
	sd, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	dacl, _, err := sd.DACL()
	if err != nil {
		return nil, err
	}
	return allowed(dacl)
}

// allowed are the groups of everybody that a list of rights lets read.
func allowed(dacl *windows.ACL) ([]string, error) {
	if dacl == nil { // no list: anyone may do anything
		return []string{"everybody"}, nil
	}
	var out []string
	denied := map[string]bool{}
	for i := range dacl.AceCount {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(dacl, uint32(i), &ace); err != nil {
			return nil, err
		}
		if ace.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0 || ace.Mask&(readData|windows.GENERIC_READ|windows.GENERIC_ALL) == 0 {
			continue
		}
		sid := (*windows.SID)(unsafe.Pointer(&ace.SidStart)) // stands behind the entry's head, within the list
		switch ace.Header.AceType {
		case windows.ACCESS_DENIED_ACE_TYPE:
			denied[sid.String()] = true
		case windows.ACCESS_ALLOWED_ACE_TYPE:
			if name := named(sid); ofAll(sid) && !denied[sid.String()] && !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out, nil
}

func ofAll(sid *windows.SID) bool {
	for _, kind := range everybody() {
		if sid.IsWellKnown(kind) {
			return true
		}
	}
	n := sid.SubAuthorityCount()
	return n == 5 && sid.SubAuthority(0) == 21 && sid.SubAuthority(uint32(n)-1) == domainUsers
}

// named is a group's name on this machine, in its language, else its SID.
func named(sid *windows.SID) string {
	account, domain, _, err := sid.LookupAccount("")
	switch {
	case err != nil:
		return sid.String()
	case domain == "":
		return account
	}
	return domain + `\` + account
}

// Own gives a file to the account that this runs under, the administrators and
// the system alone, and takes nothing from its folder. A file that belongs to
// somebody else is left as it is.
func Own(path string) error {
	acl, err := ownList()
	if err != nil {
		return err
	}
	err = windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT,
		windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, acl, nil)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, os.ErrPermission) {
		return nil
	}
	return err
}

// ownList is the list of rights of what is the account's alone.
func ownList() (*windows.ACL, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, err
	}
	entries := make([]windows.EXPLICIT_ACCESS, 0, 3)
	add := func(sid *windows.SID) {
		entries = append(entries, windows.EXPLICIT_ACCESS{AccessPermissions: windows.GENERIC_ALL, AccessMode: windows.GRANT_ACCESS,
			Trustee: windows.TRUSTEE{TrusteeForm: windows.TRUSTEE_IS_SID, TrusteeValue: windows.TrusteeValueFromSID(sid)}})
	}
	add(user.User.Sid)
	for _, kind := range []windows.WELL_KNOWN_SID_TYPE{windows.WinBuiltinAdministratorsSid, windows.WinLocalSystemSid} {
		sid, err := windows.CreateWellKnownSid(kind)
		if err != nil {
			return nil, err
		}
		add(sid)
	}
	return windows.ACLFromEntries(entries, nil)
}
