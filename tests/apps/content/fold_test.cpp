#include "apps/event_horizon/content/fold.hpp"

#include <doctest/doctest.h>

using namespace beamline::event_horizon;

TEST_CASE("case, accents and marks do not matter") {
  CHECK(fold("Crème BRÛLÉE!") == "creme brulee");
  CHECK(fold("creme\u0300 bru\u0302le\u0301e") == "creme brulee");
  CHECK(fold("Straße, Œuvre, Łódź, İstanbul") == "strasse oeuvre lodz istanbul");
  CHECK(fold("Ελληνικά ΚΑΙ ελληνικα") == "ελληνικα και ελληνικα");
  CHECK(fold("Ёлка ЕЛКА") == "елка елка");
  CHECK(fold("東京 “2024” — ok") == "東京 2024 ok");
  CHECK(fold(" \t--\n ").empty());
  CHECK(fold("a\xff"
             "b")
        == "a b");
}

TEST_CASE("the way back leads to where each letter stood") {
  auto text = std::string{"«Äpfel» & Öl"};
  auto f = fold_with_origin(text);
  CHECK(f.text == "apfel ol");
  REQUIRE(f.origin.size() == f.text.size());
  CHECK(text.substr(f.origin[0], 2) == "Ä");
  CHECK(text.substr(f.origin[f.text.find("ol")], 2) == "Ö");
}

TEST_CASE("addresses are made of what is left") {
  CHECK(slugified("Hello, World!", 100) == "hello-world");
  CHECK(slugified("Über C++ & Söhne", 100) == "uber-c-sohne");
  CHECK(slugified("日本", 100).empty());
  CHECK(slugified("aaa bbb", 4) == "aaa");
}
