#include "web/live/form.hpp"

#include "base/url.hpp"
#include "web/live/form_schema.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace beamline;
using namespace beamline::web::live;
using namespace std::chrono_literals;

namespace {

struct item {
  std::string title;
  int price = 0;
  friend bool operator==(const item&, const item&) = default;
};
struct address {
  std::string city;
};
struct order {
  std::string name = "ann";
  int age = 30;
  std::optional<double> weight;
  std::optional<std::chrono::year_month_day> day;
  bool is_urgent = false;
  std::vector<std::string> tags;
  std::string password;
  address to{"Bern"};
  std::vector<item> items;
};

const form_schema<order>& order_form() {
  static const auto schema =
      form_schema<order>{}
          .field("name", &order::name, required(), length({.min = 2, .max = 5}))
          .field("age", &order::age, in_range(18, 130))
          .field("weight", &order::weight, in_range(0.5, 100.0, "is not a parcel"))
          .field("day", &order::day)
          .field("urgent", &order::is_urgent)
          .field("tags", &order::tags, one_of({"red", "blue"}))
          .field("password", &order::password, confirmed())
          .nested("to", &order::to, form_schema<address>{}.field("city", &address::city, required()))
          .rows("items", &order::items,
                form_schema<item>{}
                    .field("title", &item::title, required())
                    .field("price", &item::price, in_range(1, 999)))
          .check("items", [](const order& o) -> complaint {
            if (o.items.size() == 2 && o.items[0] == o.items[1])
              return "are the same";
            return std::nullopt;
          });
  return schema;
}

json params(std::string_view body) { return parse_form(body).value(); }

const order good{};

std::string all(const form_errors& errors) {
  auto out = std::string{};
  for (const auto& e : errors)
    out += (out.empty() ? "" : "; ") + to_string(e);
  return out;
}

}  // namespace

TEST_CASE("a form knows ids, names and values of its fields, whatever the parameters are") {
  const auto f =
      to_form(params("name=ann&tags[]=a&tags[]=b&_unused_age=&age=7"), {.as = "u", .errors = {{"age", "is odd"}}});
  CHECK(f["name"].id == "u_name");
  CHECK(f["name"].name == "u[name]");
  CHECK(f["name"].text() == "ann");
  CHECK(f["tags"].has("b"));
  CHECK_FALSE(f["tags"].has("c"));
  CHECK(f["missing"].text().empty());
  CHECK(f["missing"].value.is_null());
  CHECK(to_form(params("q=x"), {.id = "search"})["q"].id == "search_q");
  CHECK(to_form(params("q=x"))["q"].name == "q");
  CHECK(to_form(json{1, 2})["q"].text().empty());
}

TEST_CASE("complaints are kept back until the visitor has been in the field") {
  const auto f = to_form(params("name=&_unused_age=&age="),
                         {.errors = {{"name", "can't be blank"}, {"age", "can't be blank"}, {"", "is stale"}}});
  CHECK(f["name"].is_used);
  CHECK(f["name"].shown_errors() == std::vector<std::string>{"can't be blank"});
  CHECK_FALSE(f["age"].is_used);
  CHECK(f["age"].errors.size() == 1);
  CHECK(f["age"].shown_errors().empty());
  CHECK(f.base_errors() == std::vector<std::string>{"is stale"});
  CHECK_FALSE(f.is_valid());
}

TEST_CASE("a field with fields in it is used when one of them is") {
  CHECK(is_used_input(params("d[year]=1&d[_unused_month]=&d[month]=2"), "d"));
  CHECK_FALSE(is_used_input(params("d[_unused_year]=&d[year]=1&d[_unused_month]=&d[month]=2"), "d"));
  CHECK_FALSE(is_used_input(params("a=1"), "d"));
  CHECK_FALSE(is_used_input(json{5}, "d"));
}

TEST_CASE("parameters and target come out of the event") {
  auto e = event{.type = "form", .name = "validate", .value = params("u[name]=a"), .component = std::nullopt};
  e.value["_target"] = {"u", "name"};
  CHECK(form_params(e, "u") == json{{"name", "a"}});
  CHECK(form_params(e, "other").empty());
  CHECK(form_target(e) == std::vector<std::string>{"u", "name"});
  e.value["_target"] = {"undefined"};
  CHECK(form_target(e).empty());
  e.value = 7;
  CHECK(form_params(e, "u").empty());
  CHECK(form_params(e).empty());
}

TEST_CASE("texts become typed values") {
  const auto c = order_form().cast(
      good, params("name=bob&age=+41&weight=2.5&day=2024-02-29&urgent=true&tags[]=&tags[]=red&to[city]=Basel"));
  CHECK(all(c.errors()).empty());
  CHECK(c.is_valid());
  CHECK(c.value().name == "bob");
  CHECK(c.value().age == 41);
  CHECK(c.value().weight == 2.5);
  CHECK(c.value().day == std::chrono::year_month_day{2024y / 2 / 29});
  CHECK(c.value().is_urgent);
  CHECK(c.value().tags == std::vector<std::string>{"red"});
  CHECK(c.value().to.city == "Basel");
  CHECK(c.data().name == "ann");
}

TEST_CASE("what cannot be read is named, kept as typed and leaves the data alone") {
  const auto c = order_form().cast(good, params("age=4x&weight=1e999&day=2023-02-29&urgent=maybe&tags=red&name[a]=b"));
  CHECK(all(c.errors())
        == "name: is not a text; age: is not a whole number, or too large; weight: is not a number; "
           "day: is not a date like 2026-02-28; urgent: is neither yes nor no; tags: is not a text");
  CHECK(c.value().age == 30);
  CHECK_FALSE(c.is_changed());
  CHECK(to_form(c, {.as = "o"})["age"].text() == "4x");
  CHECK(order_form().cast(good, params("age=99999999999")).errors()[0].field == "age");
}

TEST_CASE("rules complain in order, one complaint per field") {
  CHECK(all(order_form().cast(good, params("name=+")).errors()) == "name: can't be blank");
  CHECK(all(order_form().cast(good, params("name=a")).errors()) == "name: should have at least 2 character(s)");
  CHECK(all(order_form().cast(good, params("name=%C3%A4%C3%B6%C3%BC%C3%A4%C3%B6")).errors()).empty());
  CHECK(all(order_form().cast(good, params("name=abcdef")).errors()) == "name: should have at most 5 character(s)");
  CHECK(all(order_form().cast(good, params("age=17")).errors()) == "age: must be from 18 to 130");
  CHECK(all(order_form().cast(good, params("weight=0.1")).errors()) == "weight: is not a parcel");
  CHECK(all(order_form().cast(good, params("weight=")).errors()).empty());
  CHECK(all(order_form().cast(good, params("tags[]=red&tags[]=pink")).errors()) == "tags: is invalid");
  CHECK(all(order_form().cast(good, params("password=a&password_confirmation=b")).errors())
        == "password_confirmation: does not match");
  CHECK(all(order_form().cast(good, params("password=a&password_confirmation=a")).errors()).empty());
}

TEST_CASE("format, accepted and rules of one's own") {
  struct account {
    std::string mail;
    bool terms = false;
  };
  const auto schema =
      form_schema<account>{}
          .field("mail", &account::mail, format("[^@ ]+@[^@ ]+"),
                 [](const std::string& m) -> complaint { return m == "root@x" ? complaint{"is taken"} : std::nullopt; })
          .field("terms", &account::terms, accepted());
  CHECK(all(schema.cast({}, params("mail=a&terms=false")).errors())
        == "mail: has invalid format; terms: must be accepted");
  CHECK(all(schema.cast({}, params("mail=root@x&terms=on")).errors()) == "mail: is taken");
  CHECK(all(schema.cast({}, params("mail=a@" + std::string(format::octets_max, 'b') + "&terms=on")).errors())
        == "mail: has invalid format");
  CHECK(all(schema.cast({}, params("mail=&terms=on")).errors()).empty());
}

TEST_CASE("only fields of the schema change the data, and changes are tracked") {
  const auto c = order_form().cast(good, params("name=ann&age=31&admin=true"));
  CHECK(c.is_changed("age"));
  CHECK_FALSE(c.is_changed("name"));
  CHECK(c.changes().size() == 1);
  CHECK(order_form().cast(good, params("to[city]=Chur")).is_changed("to"));
  CHECK_FALSE(order_form().cast(good, params("age=30")).is_changed());
  CHECK_FALSE(order_form().cast(good).is_changed());
}

TEST_CASE("a form without parameters shows the data") {
  auto data = good;
  data.items = {{"cup", 3}, {"pot", 9}};
  data.day = 2026y / 1 / 5;
  data.weight = 0.5;
  const auto f = to_form(order_form().cast(data), {.as = "o"});
  CHECK(f["name"].text() == "ann");
  CHECK(f["day"].text() == "2026-01-05");
  CHECK(f["weight"].text() == "0.5");
  CHECK_FALSE(f["urgent"].is_checked());
  CHECK(f.nested("to")["city"].text() == "Bern");
  CHECK(f.nested("to")["city"].name == "o[to][city]");
  CHECK(f.nested("to")["city"].id == "o_to_city");
  const auto rows = f.rows("items");
  REQUIRE(rows.size() == 2);
  CHECK(rows[1]["title"].text() == "pot");
  CHECK(rows[1]["title"].name == "o[items][1][title]");
  CHECK(rows[1]["title"].id == "o_items_1_title");
}

TEST_CASE("rows come in the order of their numbers, with their complaints") {
  auto body = std::string{};
  for (int i = 11; i >= 0; --i)
    body +=
        "items[" + std::to_string(i) + "][title]=t" + std::to_string(i) + "&items[" + std::to_string(i) + "][price]=5&";
  const auto c = order_form().cast(good, params(body + "items[3][price]=0&items[4][title]="));
  REQUIRE(c.value().items.size() == 12);
  CHECK(c.value().items[10].title == "t10");
  CHECK(all(c.errors()) == "items.3.price: must be from 1 to 999; items.4.title: can't be blank");
  const auto rows = to_form(c, {.as = "o"}).rows("items");
  CHECK(rows[3]["price"].errors == std::vector<std::string>{"must be from 1 to 999"});
  CHECK(rows[2].is_valid());
  CHECK(c.is_changed("items"));
}

TEST_CASE("rows are added, moved and dropped by fields beside them, and keep their ids") {
  const auto body = std::string{"items[0][title]=a&items[0][price]=1&items[0][_persistent_id]=0&"
                                "items[1][title]=b&items[1][price]=2&items[1][_persistent_id]=1&"};
  SUBCASE("moved") {
    const auto c = order_form().cast(good, params(body + "items_sort[]=1&items_sort[]=0"));
    REQUIRE(c.value().items.size() == 2);
    CHECK(c.value().items[0].title == "b");
    const auto rows = to_form(c, {.as = "o"}).rows("items");
    CHECK(rows[0]["title"].id == "o_items_1_title");
    CHECK(rows[0]["title"].name == "o[items][0][title]");
    CHECK(rows[0].persistent_id() == 1);
  }
  SUBCASE("added") {
    const auto c = order_form().cast(good, params(body + "items_sort[]=0&items_sort[]=1&items_sort[]=new"));
    REQUIRE(c.value().items.size() == 3);
    const auto rows = to_form(c, {.as = "o"}).rows("items");
    CHECK(rows[2].persistent_id() == 2);
    CHECK(rows[2]["title"].text().empty());
    CHECK(rows[2]["title"].shown_errors().empty());
  }
  SUBCASE("dropped") {
    const auto c = order_form().cast(good, params(body + "items_drop[]=&items_drop[]=0"));
    REQUIRE(c.value().items.size() == 1);
    CHECK(c.value().items[0].title == "b");
    CHECK(to_form(c).rows("items")[0].persistent_id() == 1);
    CHECK(to_form(c)["items_drop"].value.is_null());
  }
  SUBCASE("the last one dropped") {
    auto data = good;
    data.items = {{"a", 1}};
    const auto c = order_form().cast(data, params("items_drop[]="));
    CHECK(c.value().items.empty());
    CHECK(to_form(c).rows("items").empty());
    CHECK(c.is_changed("items"));
  }
  SUBCASE("forged numbers") {
    const auto c = order_form().cast(good, params("items[0][_persistent_id]=7&items[1][_persistent_id]=7&items[x]["
                                                  "title]=z&items_sort[]=99999999999999999999"));
    const auto rows = to_form(c).rows("items");
    REQUIRE(rows.size() == 3);  // A word that is no number is a new row.
    CHECK(rows[0].persistent_id() == 7);
    CHECK(rows[1].persistent_id() == 0);
  }
}

TEST_CASE("a form with too many rows is refused as a whole") {
  auto body = std::string{};
  for (int i = 0; i < 101; ++i)
    body += "items[" + std::to_string(i) + "][title]=a&";
  const auto c = order_form().cast(good, params(body));
  CHECK(all(c.errors()) == "items: should have at most 100 rows");
  CHECK(c.value().items.empty());
}

TEST_CASE("rules between fields run last") {
  CHECK(all(order_form()
                .cast(good, params("items[0][title]=a&items[0][price]=1&items[1][title]=a&items[1][price]=1"))
                .errors())
        == "items: are the same");
  auto c = order_form().cast(good);
  c.add_error("name", "is taken").add_error("", "try later");
  CHECK_FALSE(c.is_valid());
  CHECK(to_form(c)["name"].errors == std::vector<std::string>{"is taken"});
  CHECK(to_form(c).base_errors() == std::vector<std::string>{"try later"});
}
