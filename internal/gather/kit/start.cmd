schtasks /Create /F /TN "splameter gather" /XML "%~dp0splameter-gather.xml"
