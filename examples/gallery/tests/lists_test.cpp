// /list, /stream, /printout, /components.
#include "gallery/tests/gallery.hpp"

#include "gallery/views/list.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace beamline;
using gallery::fixture;

TEST_CASE("the infinite list grows at both ends and keeps a window") {
  fixture f;
  auto page = f.visit("/list");
  const auto more = [&] { return page.element("#more").push_event("more")["done"].get<bool>(); };
  CHECK(page.element("#range").text() == "1 to 40");
  CHECK_FALSE(more());
  CHECK_FALSE(more());
  CHECK(page.find_all("#rows li").size() == 120);
  CHECK_FALSE(more());
  CHECK(page.find_all("#rows li").size() == 120);
  CHECK(page.element("#range").text() == "41 to 160");
  CHECK(page.find_all("#rows li").front().text() == "Row 41");
  CHECK(page.element("#rows-144").text() == "Row 144, the square of 12");

  CHECK(page.element("#earlier").push_event("earlier")["done"] == true);
  CHECK(page.element("#range").text() == "1 to 120");
  CHECK(page.find_all("#rows li").front().text() == "Row 1, the square of 1");
  CHECK(page.find_all("#rows li").back().text() == "Row 120");

  while (!more()) {}
  CHECK(page.element("#more").text() == "That was all.");
  CHECK(page.find_all("#rows li").back().text() == "Row 2000, a round number");
}

TEST_CASE("a stream changes one row at a time") {
  fixture f;
  auto page = f.visit("/stream");
  CHECK(page.find_all("#rows li").size() == fixture::stream_rows);
  page.element("#insert-top").click();
  CHECK(page.find_all("#rows li").front().text() == "Row 301");

  page.form("#row").change({{"number", "200"}});
  page.form("#row").submit();
  CHECK(page.element("#rows-200").text() == "Row 200, changed by update 1");
  page.element("#remove").click();
  CHECK_FALSE(page.has("#rows-200"));
  page.form("#row").submit();  // Nobody has it any more: not put anew.
  CHECK_FALSE(page.has("#rows-200"));

  page.element("#limit").click();
  CHECK(page.find_all("#rows li").size() == 100);
  page.element("#reset").click();
  CHECK(page.find_all("#rows li").size() == 10);
  page.element("#bulk").click();
  CHECK(page.find_all("#rows li").size() == 1010);
  page.element("#refill").click();
  CHECK(page.find_all("#rows li").size() == fixture::stream_rows);
  CHECK(page.element("#last").text() == "300");
}

TEST_CASE("without scripts the stream shows its first hundred rows") {
  fixture f;
  auto page = f.browser().load("/stream");
  CHECK(page.find_all("#rows li").size() == 100);
}

TEST_CASE("a temporary value is shown, and held by nobody") {
  fixture f;
  auto page = f.visit("/printout");
  page.element("#print").click();
  CHECK(page.find_all("#lines li").size() == 500);
  page.element("#ask").click();
  CHECK(page.element("#held").text() == "Asked 1 times: the server holds 0 lines.");
  CHECK(page.find_all("#lines li").size() == 500);
  page.element("#print").click();
  CHECK(page.find_all("#lines li").size() == 500);
  CHECK(page.find_all("#lines li").front().text() == "Printout 2, line 1");
}

TEST_CASE("live components keep what they have counted while the page around them changes") {
  fixture f;
  auto page = f.visit("/components");
  const auto value = [&](const char* name) { return page.element(std::string{"#counter-"} + name + " .value").text(); };
  page.element("#counter-b .more").click().click();
  CHECK(value("a") == "0");
  CHECK(value("b") == "2");

  page.element("#reverse").click();
  CHECK(page.find_all("#counters > li").front().attribute("id") == "counter-c");
  page.element("#rename").click();
  CHECK(page.element("#counter-b").text().find("2 clicks") != std::string::npos);

  page.element("#counter-c .remove").click();
  CHECK_FALSE(page.has("#counter-c"));
  page.element("#set").click();
  CHECK(value("a") == "10");
  CHECK(value("b") == "10");
  page.element("#add-counter").click();
  CHECK(value("c") == "0");
  CHECK(value("b") == "10");
}

TEST_CASE("the caller says what stands in the columns of a table") {
  fixture f;
  auto page = f.visit("/components");
  CHECK(page.find_all("#fruits th").size() == 3);
  CHECK(page.find_all("#fruits tbody tr")[1].text() == "Medlarbrown25 g");
  CHECK(page.find_all("#fruits th")[2].has_class("number"));
}
