@echo off
rem Run once, as an administrator, on the server that collects forwarded events
rem for splameter. On the hosts: see "Event forwarding" in GUIDE.md.
wecutil qc /q
wecutil cs "%~dp0forwarding.xml"
rem 1 GiB: months of the sessions of many hosts.
wevtutil sl ForwardedEvents /ms:1073741824
