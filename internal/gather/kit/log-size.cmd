@echo off
rem Run once on each host, or roll it out: how large a log may grow before it
rem overwrites its oldest events. 64 MiB hold months of sessions on most hosts.
wevtutil sl Microsoft-Windows-TerminalServices-LocalSessionManager/Operational /ms:67108864
wevtutil sl Microsoft-Windows-TerminalServices-RemoteConnectionManager/Operational /ms:67108864
