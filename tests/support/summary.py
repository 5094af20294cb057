"""summary.py REPORT   Counts the test cases of meson's JUnit report; the last line is for whoever reads only one."""
import sys
import xml.etree.ElementTree as ElementTree

passed = failed = skipped = 0
for case in ElementTree.parse(sys.argv[1]).iter('testcase'):
    name = f'{case.get("classname")} {case.get("name")}'
    if case.find('skipped') is not None:
        skipped += 1
        print('skipped:', name, case.find('skipped').get('message') or '')
    elif case.find('failure') is not None or case.find('error') is not None:
        failed += 1
        print('failed:', name)
    else:
        passed += 1
print(f'{passed} passed, {failed} failed, {skipped} skipped')
sys.exit(1 if failed or not passed else 0)
