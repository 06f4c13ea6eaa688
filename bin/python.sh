# Finds a Python of 3.11 or later and names it in PYTHON.
for PYTHON in "${PYTHON:-}" python3 python3.14 python3.13 python3.12 python3.11 python; do
    if [ -n "$PYTHON" ] && "$PYTHON" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        return
    fi
done
echo "Kefu needs Python 3.11 or later with its venv module (on Debian: apt-get install python3 python3-venv)." >&2
echo "需要 Python 3.11 或更高版本及其 venv 模块。" >&2
exit 1
