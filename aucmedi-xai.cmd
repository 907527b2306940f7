@echo off
rem Runs AUCMEDI-XAI from a source tree: builds it on first use and after a change, then starts Java.
rem In a distribution, where this is bin\aucmedi-xai.cmd, there is nothing to build.
rem It does on Windows what the script aucmedi-xai does elsewhere; a test compares the two.
setlocal EnableExtensions DisableDelayedExpansion

for %%i in ("%~dp0.") do set "XAI_HOME=%%~fi"
set "XAI_TARGET=%XAI_HOME%\aucmedi-xai-examples\target"
rem The jars of other projects, written last by a build.
set "XAI_JARS=%XAI_TARGET%\launcher.classpath"
rem The class path as Java reads it from a file: it is longer than a command line of cmd may be.
set "XAI_ARGUMENTS=%XAI_TARGET%\launcher.arguments"
set "XAI_LOCK=%XAI_TARGET%\launcher.lock"
rem The modules' own classes, wherever this checkout is now.
set "XAI_MODULES=aucmedi-xai-examples aucmedi-xai-cli aucmedi-xai-decoder"
set "XAI_MODULES=%XAI_MODULES% aucmedi-xai-imaging aucmedi-xai-imaging-medical aucmedi-xai-methods"
set "XAI_MODULES=%XAI_MODULES% aucmedi-xai-metrics aucmedi-xai-report aucmedi-xai-server"
set "XAI_MODULES=%XAI_MODULES% aucmedi-xai-viewer-niivue"
set "XAI_MODULES=%XAI_MODULES% aucmedi-xai-engines\* aucmedi-xai-importers\* aucmedi-xai-api"

rem Jars of your own, with methods or readers: AUCMEDI_XAI_PLUGINS=mine.jar;yours.jar
set "XAI_PLUGINS="
if defined AUCMEDI_XAI_PLUGINS set "XAI_PLUGINS=;%AUCMEDI_XAI_PLUGINS%"

set "missing="
set "java=java.exe"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java.exe"
if defined JAVA_HOME if not exist "%java%" set "missing=%java%" & goto missing
if not defined JAVA_HOME where /q java.exe || (set "missing=java" & goto missing)

if not exist "%XAI_HOME%\pom.xml" goto distribution
call :prepare && goto prepared

rem A lock is a folder; making one is atomic.
md "%XAI_TARGET%" 2>nul
if not exist "%XAI_TARGET%\" goto readonly
set "waiting="
:lock
md "%XAI_LOCK%" 2>nul && goto locked
if not defined waiting echo aucmedi-xai: waiting for another process to build (if it does not, remove %XAI_LOCK%) 1>&2
set "waiting=yes"
rem No build takes an hour.
powershell -NoProfile -Command "Start-Sleep 1; Get-Item -LiteralPath $env:XAI_LOCK -ErrorAction SilentlyContinue | Where-Object { $_.CreationTime -lt (Get-Date).AddHours(-1) } | Remove-Item"
goto lock

:locked
rem Who had the lock before may have built it.
call :prepare || call :build
rd "%XAI_LOCK%"
if defined missing goto missing
call :prepare || (echo aucmedi-xai: the build failed, see above 1>&2 & exit /b 2)

:prepared
set XAI_CLASSPATH="@%XAI_ARGUMENTS%"
goto run

:distribution
rem Our jars are in front: MXNet and TensorFlow are started by our providers instead of DJL's.
for %%i in ("%XAI_HOME%\..") do set "XAI_LIB=%%~fi\lib"
set XAI_CLASSPATH=-cp "%XAI_LIB%\*;%XAI_LIB%\third-party\*%XAI_PLUGINS%"

:run
rem The threads of a pass that wait for each other leave the processors to those that read and write files.
if not defined OMP_WAIT_POLICY set "OMP_WAIT_POLICY=PASSIVE"

rem The engines' faster code computes wrong gradients on AMD's Zen 5, which is family 26.
echo %PROCESSOR_IDENTIFIER% | findstr /c:"AMD64 Family 26 " >nul && if not defined ONEDNN_MAX_CPU_ISA set "ONEDNN_MAX_CPU_ISA=AVX"

rem TensorFlow tells what it does on stderr otherwise.
if not defined TF_CPP_MIN_LOG_LEVEL set "TF_CPP_MIN_LOG_LEVEL=2"

rem A server without requests gives memory back after a minute.
"%java%" -XX:G1PeriodicGCInterval=60000 -Dai.djl.offline=true -Djava.awt.headless=true %XAI_CLASSPATH% org.aucmedi.xai.cli.Launcher %*
exit /b %ERRORLEVEL%

:missing
echo aucmedi-xai: '%missing%' was not found; install JDK 17 or newer, and Maven 3.8.7 or newer for the build 1>&2
exit /b 2

:readonly
echo aucmedi-xai: it has to be built, but %XAI_TARGET% cannot be written 1>&2
exit /b 2

rem Fails if something is newer than the last build, or a jar is gone, as on another machine. Otherwise writes the class path.
:prepare
powershell -NoProfile -Command ^
  "$ErrorActionPreference = 'Stop';" ^
  "if (-not (Test-Path -LiteralPath $env:XAI_JARS)) { exit 1 };" ^
  "$built = (Get-Item -LiteralPath $env:XAI_JARS).LastWriteTimeUtc;" ^
  "$jars = [IO.File]::ReadAllText($env:XAI_JARS).Trim();" ^
  "Set-Location -LiteralPath $env:XAI_HOME;" ^
  "$files = @(Get-Item pom.xml, aucmedi-xai-*\pom.xml, aucmedi-xai-engines\*\pom.xml, aucmedi-xai-importers\*\pom.xml);" ^
  "$files += @(Get-Item aucmedi-xai-*\src\main, aucmedi-xai-engines\*\src\main, aucmedi-xai-importers\*\src\main | Get-ChildItem -Recurse -File);" ^
  "if ($files | Where-Object { $_.LastWriteTimeUtc -gt $built }) { exit 1 };" ^
  "if ($jars.Split(';') | Where-Object { -not (Test-Path -LiteralPath $_) }) { exit 1 };" ^
  "$classes = @($env:XAI_MODULES.Split(' ') | ForEach-Object { Get-Item $_ } | Where-Object { $_.PSIsContainer } | ForEach-Object { $_.FullName + '\target\classes' });" ^
  "$text = '-cp ' + [char]34 + ((($classes + $jars) -join ';') + $env:XAI_PLUGINS).Replace('\', '/') + [char]34;" ^
  "$file = $env:XAI_ARGUMENTS;" ^
  "if (-not (Test-Path -LiteralPath $file) -or [IO.File]::ReadAllText($file, [Text.Encoding]::Default) -cne $text) { [IO.File]::WriteAllText($file, $text, [Text.Encoding]::Default) }"
exit /b %ERRORLEVEL%

:build
where /q mvn.cmd || (set "missing=mvn" & exit /b 2)
echo aucmedi-xai: building, which takes a minute or two the first time 1>&2
if exist "%XAI_JARS%" del "%XAI_JARS%"
rem Maven's output goes to stderr: stdout belongs to the command.
call mvn -B -ntp -Dstyle.color=never -f "%XAI_HOME%\pom.xml" -DskipTests -Djacoco.skip -Dspotless.check.skip package | powershell -NoProfile -Command "$input | ForEach-Object { if ($_ -match '\[INFO\] Building (AUCMEDI-XAI.*) \d\S* +(\[\d+/\d+\])') { [Console]::Error.WriteLine('aucmedi-xai: ' + $Matches[2] + ' ' + $Matches[1]) } elseif ($_ -notmatch '\[(INFO|WARNING|DEBUG)\]') { [Console]::Error.WriteLine($_) } }"
exit /b 0
