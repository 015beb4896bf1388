@echo off
rem Run once, as an administrator, on the server that has the share.
rem Computers may create files in the folder and finish those that they made;
rem they may not list it, nor read or change what others handed in.
if not exist "{{.Folder}}" mkdir "{{.Folder}}"
icacls "{{.Folder}}" /inheritance:r
icacls "{{.Folder}}" /grant "*S-1-5-32-544:(OI)(CI)F" "*S-1-5-18:(OI)(CI)F"
icacls "{{.Folder}}" /grant "{{.Computers}}:(WD,AD,X,RA,S)"
icacls "{{.Folder}}" /grant "*S-1-3-0:(OI)(IO)(M)"
icacls "{{.Folder}}" /grant "{{.Reader}}:(OI)(CI)RX"
net share "{{.ShareName}}={{.Folder}}" /GRANT:"{{.Computers}},CHANGE" /GRANT:"{{.Reader}},READ"
