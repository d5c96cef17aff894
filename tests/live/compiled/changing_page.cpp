#include "live/compiled/changing_page.hpp"

#include "base/json.hpp"
#include "live/compiled/tally.heex.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

namespace compiled {

namespace {

using beamline::seeded_random;

enum class telling { set, set_silently, mark };

template <class T>
void put(live::assign<T>& member, T value, telling how) {
  if (how == telling::set)
    member = std::move(value);
  else if (how == telling::set_silently)
    const_cast<T&>(member.get()) = std::move(value);  // Behind its back.
  else
    (void)member.edit();
}

int number(seeded_random& random) { return static_cast<int>(random.below(4)); }
bool yes(seeded_random& random) { return random.below(2) == 0; }
std::string text(seeded_random& random) {
  static constexpr auto texts = std::array{"", "a", "b", "title", "<&>", "\"quoted\" \\", "text \xc3\xa9\n"};
  return texts[random.below(texts.size())];
}
std::optional<std::string> perhaps_text(seeded_random& random) {
  return yes(random) ? std::optional{text(random)} : std::nullopt;
}

row fresh_row(seeded_random& random, const std::vector<row>& beside) {
  auto out = row{static_cast<int>(random.below(8)), text(random), yes(random), up_to(number(random))};
  while (std::ranges::find(beside, out.id, &row::id) != beside.end())
    ++out.id;
  return out;
}

/// Rows come, go, move and change.
std::vector<row> changed(std::vector<row> rows, seeded_random& random) {
  const auto one_in = [&](std::uint64_t n) { return random.below(n) == 0; };
  const auto any = [&] { return rows.begin() + static_cast<std::ptrdiff_t>(random.below(rows.size())); };
  if (one_in(8))
    rows.clear();
  if (!rows.empty() && (rows.size() > 4 || one_in(3)))
    rows.erase(any());
  if (one_in(2))
    rows.insert(rows.empty() ? rows.begin() : any(), fresh_row(random, rows));
  if (rows.size() > 1 && one_in(3))
    std::rotate(rows.begin(), any(), rows.end());
  if (rows.size() > 1 && one_in(3))
    std::swap(*any(), *any());
  for (auto& r : rows) {
    if (one_in(4))
      r.text = text(random);
    if (one_in(4))
      r.done = !r.done;
    if (one_in(4))
      r.marks = up_to(number(random));
  }
  return rows;
}

std::vector<std::string> some_tags(seeded_random& random) {
  auto out = std::vector<std::string>{};
  for (auto n = number(random); n > 0; --n)
    out.push_back(text(random));
  return out;
}

struct member {
  std::string_view name;
  void (*draw)(page::assigns& of, seeded_random& random, telling how);
};

const std::vector<member>& members() {
  using assigns = page::assigns;
  static const auto all = std::vector<member>{
      {"a", [](assigns& of, seeded_random& r, telling how) { put(of.a, number(r), how); }},
      {"b", [](assigns& of, seeded_random& r, telling how) { put(of.b, number(r), how); }},
      {"on", [](assigns& of, seeded_random& r, telling how) { put(of.on, yes(r), how); }},
      {"open", [](assigns& of, seeded_random& r, telling how) { put(of.open, yes(r), how); }},
      {"title", [](assigns& of, seeded_random& r, telling how) { put(of.title, text(r), how); }},
      {"name", [](assigns& of, seeded_random& r, telling how) { put(of.name, text(r), how); }},
      {"note", [](assigns& of, seeded_random& r, telling how) { put(of.note, perhaps_text(r), how); }},
      {"rows", [](assigns& of, seeded_random& r, telling how) { put(of.rows, changed(of.rows, r), how); }},
      {"tags", [](assigns& of, seeded_random& r, telling how) { put(of.tags, some_tags(r), how); }},
      {"author",
       [](assigns& of, seeded_random& r, telling how) {
         put(of.author, person{text(r), perhaps_text(r)}, how);
       }},
      {"plain", [](assigns& of, seeded_random& r, telling) { of.plain = number(r); }},
  };
  return all;
}

const member& member_called(std::string_view name) {
  const auto found = std::ranges::find(members(), name, &member::name);
  if (found == members().end())
    throw std::logic_error{"page has no member " + std::string{name}};
  return *found;
}

beamline::json parsed(const std::string& message) {
  auto value = beamline::parse_json(message);
  if (!value.ok())
    throw std::logic_error{"this is no JSON: " + message};
  return *std::move(value);
}

}  // namespace

live::rendered tally::render(live::render_context& context) const { return render_template(assigns_, context); }

const std::vector<std::string_view>& member_names() {
  static const auto all = [] {
    auto names = std::vector<std::string_view>{};
    for (const auto& m : members())
      names.push_back(m.name);
    return names;
  }();
  return all;
}

changing_page::changing_page(const page_template& shown, std::uint64_t seed)
    : random_{beamline::mix64(seed)},
      template_{shown},
      tree_{{.key = {seed, ~seed}, .flash = &flash_, .host = &host_}} {
  tally::all_bumps.clear();
}

live::view_tree::render_function changing_page::render() const {
  return [this](live::render_context& c) { return template_.render(assigns_, c); };
}

// ---- how it changes ----

void changing_page::change(std::string_view member) {
  member_called(member).draw(assigns_, random_, telling::set);
  tree_.view_changed();
}

void changing_page::change_silently(std::string_view member) {
  member_called(member).draw(assigns_, random_, telling::set_silently);
  tree_.view_changed();
}

void changing_page::mark(std::string_view member) {
  member_called(member).draw(assigns_, random_, telling::mark);
  tree_.view_changed();
}

void changing_page::change() {
  for (const auto name : member_names())
    if (chance(6))
      change(name);
  if (chance(6)) {
    flash_ = chance(2) ? live::flash_messages{} : live::flash_messages{{chance(2) ? "info" : "error", text(random_)}};
    tree_.view_changed();
  }
  for (const auto id : client_.shown_components())
    if (chance(6)) {
      dynamic_cast<tally&>(*tree_.find(id)).bump();
      tree_.component_changed(id);
    }
  if (chance(4))
    tree_.view_changed();
}

// ---- what is sent ----

std::string changing_page::join() {
  auto message = tree_.full(render());
  tree_.sent();
  client_.join(parsed(message));
  return message;
}

std::string changing_page::update() {
  auto message = tree_.diff(render());
  tree_.sent();
  if (!message.empty())
    client_.diff(parsed(message));
  return message;
}

void changing_page::lose_update() { (void)tree_.diff(render()); }

void changing_page::forget_components() {
  auto gone = std::vector<live::component_id>{};
  for (const auto id : client_.components())
    if (!client_.shown_components().contains(id))
      gone.push_back(id);
  tree_.leaving(gone);
  client_.prune(tree_.left(gone));
}

// ---- what it should look like ----

std::string changing_page::fresh() const {
  const auto copy = assigns_;  // Its members are others, which no render has seen.
  const auto flash = flash_;
  auto host = beamline::testing::no_host{};
  auto tree = live::view_tree{{.flash = &flash, .host = &host}};
  return tree.html([&](live::render_context& c) { return template_.render(copy, c); });
}

}  // namespace compiled
