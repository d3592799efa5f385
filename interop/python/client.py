"""The released Python provider against a running server."""

import os
import sys
import unittest

from openfeature import api
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext

URL = os.environ["OFREP_URL"]
KEY = os.environ.get("OFREP_KEY")
ADA = EvaluationContext("ada", {"email": "ada@lotwise.test", "name": "queen"})
BOB = EvaluationContext("bob", {"email": "bob@elsewhere.test", "name": "ten"})


def authorisation():
    return {"Authorization": f"Bearer {KEY}"} if KEY else {}


class Flags(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        api.set_provider(OFREPProvider(URL, headers_factory=authorisation))
        cls.client = api.get_client()

    def test_values_of_every_type_arrive_with_variant_reason_and_metadata(self):
        boolean = self.client.get_boolean_details("a-boolean", False, ADA)
        self.assertEqual((boolean.value, boolean.variant, boolean.reason), (True, "on", "STATIC"))
        self.assertEqual(boolean.flag_metadata["owner"], "portfolio")
        self.assertEqual(self.client.get_string_value("a-text", "", ADA), 'grüezi "mitenand"')
        self.assertEqual(self.client.get_integer_value("a-whole-number", 0, ADA), 3)
        self.assertEqual(self.client.get_float_value("a-number", 0.0, ADA), 0.5)
        nested = {"limits": {"rows": 100}, "names": ["a", "b"]}
        self.assertEqual(self.client.get_object_value("an-object", {}, ADA), nested)

    def test_rules_see_the_context(self):
        for context, email, key, suit in ((ADA, "in", True, "diamonds"), (BOB, "out", False, "clubs")):
            self.assertEqual(self.client.get_string_value("by-email", "", context), email)
            self.assertEqual(self.client.get_boolean_value("by-key", not key, context), key)
            self.assertEqual(self.client.get_string_value("fractional-flag", "", context), suit)

    def test_what_the_server_does_not_decide_is_the_callers_default(self):
        self.assertTrue(self.client.get_boolean_value("disabled", True, ADA))
        unknown = self.client.get_boolean_details("no-such-flag", True, ADA)
        self.assertEqual((unknown.value, unknown.error_code), (True, "FLAG_NOT_FOUND"))


if __name__ == "__main__":
    result = unittest.TextTestRunner(stream=sys.stdout).run(unittest.defaultTestLoader.loadTestsFromTestCase(Flags))
    failed = len(result.failures) + len(result.errors)
    print(f"{failed} failed")
    print(f"{result.testsRun - failed} passed")
    sys.exit(failed > 0)
