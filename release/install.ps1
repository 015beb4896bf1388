<#
.SYNOPSIS
Installs splameter as a Windows service, from the folder of the release.

.DESCRIPTION
Run it as an administrator. The program goes to Program Files; the config stays
where it is. Where there is no config yet, only the program is installed: draft
one with splameter init, then run this again. On a machine that has the service
it brings the program up to date.

.PARAMETER Config
The config that the service runs with.

.PARAMETER User
The account of the service; without it, the local system. A group managed
service account (a name that ends in $) needs no password.

.PARAMETER PasswordFile
A file with the account's password.

.EXAMPLE
.\install.ps1 -Config C:\ProgramData\splameter\config.yaml -User 'HOST\svc-splameter$'
#>
param(
    [string]$Config = "$env:ProgramData\splameter\config.yaml",
    [string]$User = "",
    [string]$PasswordFile = ""
)
$ErrorActionPreference = "Stop"
$admin = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
if (-not $admin.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) { throw "run this as an administrator" }
$target = Join-Path $env:ProgramFiles "splameter"
$exe = Join-Path $target "splameter.exe"

$service = Get-Service splameter -ErrorAction SilentlyContinue
if ($service -and $service.Status -ne "Stopped") { & $exe service stop; if ($LASTEXITCODE -ne 0) { throw "the service that is there did not stop" } }
New-Item -ItemType Directory -Force $target, (Split-Path $Config) | Out-Null
Copy-Item -Force (Join-Path $PSScriptRoot "splameter.exe") $exe
Copy-Item -Recurse -Force (Join-Path $PSScriptRoot "docs") $target

if (-not (Test-Path $Config)) {
    Write-Host "There is no config at $Config yet. Let splameter draft one:"
    Write-Host "  & '$exe' init --help"
    Write-Host "Then run this script again."
    exit 0
}
& $exe --config $Config check
if ($LASTEXITCODE -ne 0) { throw "splameter check found faults: correct them, then run this script again" }
if (-not $service) {
    $arguments = @("--config", $Config, "service", "install")
    if ($User) { $arguments += @("--user", $User) }
    if ($PasswordFile) { $arguments += @("--password", "file:$PasswordFile") }
    & $exe @arguments
    if ($LASTEXITCODE -ne 0) { throw "the service was not installed" }
}
& $exe service start
if ($LASTEXITCODE -ne 0) { throw "the service did not start: see the event log, Application, source splameter" }
& $exe version
