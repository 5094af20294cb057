"""unittest, printed as TAP (testanything.org) for meson: end a test program with tap.main ()."""
import sys
import unittest


class _Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self._n = 0

    def _line(self, good, test, remark='', details=''):
        self._n += 1
        print(f'{"ok" if good else "not ok"} {self._n} {test.id()}{remark}')
        sys.stdout.flush()
        if details:  # where meson shows it: of what a failed test printed, only this stands in the log of a run
            print(test.id(), details, sep='\n', file=sys.stderr, flush=True)

    def addSuccess(self, test):
        self._line(True, test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._line(True, test, f' # SKIP {reason}')

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._line(False, test, details=self.failures[-1][1])

    def addError(self, test, err):
        super().addError(test, err)
        self._line(False, test, details=self.errors[-1][1])

    def addExpectedFailure(self, test, err):
        super().addExpectedFailure(test, err)
        self._line(False, test, ' # TODO')

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._line(True, test, ' # TODO')

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._line(False, subtest, details=self._exc_info_to_string(err, test))


def main(module='__main__'):
    """Runs all tests of MODULE, or those that the command line names (Class or Class.test_name); ends the program."""
    loader = unittest.defaultTestLoader
    names = sys.argv[1:]
    source = sys.modules[module]
    suite = loader.loadTestsFromNames(names, source) if names else loader.loadTestsFromModule(source)
    result = _Result()
    suite.run(result)
    print(f'1..{result._n}')
    sys.exit(0 if result.wasSuccessful() else 1)
