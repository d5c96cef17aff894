#include "live/page_model.hpp"

#include "base/html.hpp"

#include <algorithm>

namespace beamline::testing {

using namespace beamline::web::live;

namespace {

constexpr std::size_t plain_templates = 10;
constexpr int component_ids = 6;

/// Templates 0-9 are for anything, some are one element; 10-13 are for components. Template n has n % 4 values.
const std::vector<std::unique_ptr<statics>>& templates() {
  static const auto all = [] {
    auto made = std::vector<std::unique_ptr<statics>>{};
    for (std::size_t n = 0; n < plain_templates + 4; ++n) {
      auto parts = std::vector<std::string>{"<t" + std::to_string(n) + " a=\"\">"};
      for (std::size_t i = 0; i < n % 4; ++i)
        parts.emplace_back(i % 2 == 0 ? "\\\"," : "<br/>");
      parts.back() += "</t" + std::to_string(n) + ">";
      const auto is_single = n >= plain_templates || n % 3 == 0;
      made.push_back(
          std::make_unique<statics>(std::move(parts), is_single ? root_element::single : root_element::unknown));
    }
    return made;
  }();
  return all;
}

const statics& item_template() {
  static const statics tpl{{"<li id=\"", "\">", "", "</li>"}};
  return tpl;
}

rendered item_note(const page_item& item) {
  static const statics tpl{{"<i>", "</i>"}, root_element::single};
  return rendered{tpl, item.text};
}

}  // namespace

/// Shows what the page says of its id.
class random_page::component final : public web::live::component {
public:
  using attrs = component_attrs;

  void update(const attrs& a, component_socket&) { attrs_ = a; }
  [[nodiscard]] rendered render(render_context& c) const override {
    auto& page = *attrs_.page;
    page.numbers_[attrs_.id] = c.myself();
    const auto& content = page.contents_.at(attrs_.id);
    const auto is_all = c.begin({}).is_all();
    const auto known = page.sent_contents_.find(attrs_.id);
    const auto has_old = !is_all && known != page.sent_contents_.end() && known->second.tpl == content.tpl;
    page.rendered_contents_[attrs_.id] = content;
    return rendered{*templates()[content.tpl],
                    page.paint(content.values, has_old ? &known->second.values : nullptr, c)};
  }

private:
  attrs attrs_;
};

random_page::random_page(std::uint64_t seed) : random_{seed} {
  for (std::size_t i = 0; i < streams_.size(); ++i)
    streams_[i] =
        std::make_unique<stream<page_item>>("s" + std::to_string(i), [](const page_item& item) { return item.id; });
  page_ = node(4, false);
}

random_page::~random_page() = default;

// ---- what the page is ----

std::string random_page::text() {
  static constexpr auto texts = std::array{"", "", "a", "b", "<&>", "\"quoted\" \\", "text \xc3\xa9\n"};
  return texts[random_.below(texts.size())];
}

page_node random_page::node(int depth, bool is_component) {
  const auto tpl = is_component ? plain_templates + random_.below(4) : random_.below(plain_templates);
  return {tpl, row(tpl, depth)};
}

page_row random_page::row(std::size_t tpl, int depth) {
  auto values = page_row{};
  for (std::size_t i = 0; i < templates()[tpl]->dynamics(); ++i)
    values.push_back(value(depth));
  return values;
}

page_value random_page::value(int depth) {
  if (depth <= 0 || chance(3))
    return text();
  if (chance(3)) {
    const auto id = static_cast<int>(random_.below(component_ids));
    if (used_components_.insert(id).second) {
      if (!contents_.contains(id) || chance(2))
        contents_.insert_or_assign(id, node(depth - 1, true));
      else
        use(contents_.at(id).values);
      return page_component{id};
    }
  }
  if (depth == 4 && chance(3)) {
    const auto index = random_.below(streams_.size());
    if (used_streams_.insert(index).second)
      return page_stream{index};
  }
  if (chance(2))
    return boxed{node(depth - 1, false)};
  auto list = page_list{random_.below(plain_templates), chance(2)};
  const auto count = random_.below(5);
  for (std::uint64_t i = 0; i < count; ++i)
    list.rows.emplace_back(list.next_key++, row(list.tpl, depth - 1));
  return boxed{std::move(list)};
}

/// Marks what a component that comes back contains as used; what is used elsewhere by now becomes text.
void random_page::use(const page_row& values) {
  for (auto& v : const_cast<page_row&>(values)) {
    if (const auto* c = std::get_if<page_component>(&v)) {
      if (used_components_.insert(c->id).second)
        use(contents_.at(c->id).values);
      else
        v = std::string{"taken"};
    } else if (const auto* n = std::get_if<boxed<page_node>>(&v)) {
      use((*n)->values);
    } else if (const auto* l = std::get_if<boxed<page_list>>(&v)) {
      for (const auto& [key, inner] : (*l)->rows)
        use(inner);
    } else if (const auto* s = std::get_if<page_stream>(&v)) {
      used_streams_.insert(s->index);
    }
  }
}

void random_page::forget_unused() {
  used_components_.clear();
  used_streams_.clear();
  use(page_.values);
}

// ---- how it changes ----

void random_page::change(view_tree& tree) {
  forget_unused();
  if (chance(40)) {
    used_components_.clear();
    used_streams_.clear();
    page_ = node(4, false);
  } else if (chance(3) || numbers_.empty()) {
    change(page_.values, 4);
  } else {
    const auto shown = used_components_;
    for (const auto id : shown)
      if (chance(3)) {
        forget_unused();
        if (!used_components_.contains(id))
          continue;
        change(contents_.at(id).values, 2);
      }
  }
  forget_unused();
  for (auto& s : streams_)
    if (chance(4)) {
      change_stream(*s);
      tree.view_changed();
    }
  if (page_ != sent_page_)
    tree.view_changed();
  for (const auto id : used_components_)
    if (const auto known = sent_contents_.find(id); known != sent_contents_.end() && known->second != contents_.at(id))
      tree.component_changed(numbers_.at(id));
}

void random_page::change(page_row& values, int depth) {
  for (auto& v : values) {
    if (chance(8)) {
      forget_unused();
      v = std::string{};
      forget_unused();
      v = value(depth);
    } else if (auto* t = std::get_if<std::string>(&v); t != nullptr && chance(3)) {
      *t = text();
    } else if (auto* n = std::get_if<boxed<page_node>>(&v)) {
      change((*n)->values, depth - 1);
    } else if (auto* l = std::get_if<boxed<page_list>>(&v)) {
      change(**l, depth - 1);
    }
  }
}

void random_page::change(page_list& list, int depth) {
  auto& rows = list.rows;
  const auto at = [&](std::uint64_t i) { return rows.begin() + static_cast<std::ptrdiff_t>(i); };
  if (chance(10))
    rows.clear();
  if (!rows.empty() && chance(3))
    rows.erase(at(random_.below(rows.size())));
  forget_unused();
  if (chance(3)) {
    auto made = row(list.tpl, depth);
    rows.emplace(at(random_.below(rows.size() + 1)), list.next_key++, std::move(made));
  }
  if (rows.size() > 1 && chance(3))
    std::rotate(rows.begin(), at(random_.below(rows.size())), rows.end());
  if (rows.size() > 1 && chance(3))
    std::swap(rows[random_.below(rows.size())], rows[random_.below(rows.size())]);
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (chance(2))
      change(rows[i].second, depth);
  if (chance(20))
    list.is_keyed = !list.is_keyed;
}

void random_page::change_stream(stream<page_item>& s) {
  if (chance(6))
    s.reset();
  for (auto n = random_.below(4); n > 0; --n) {
    const auto id = s.name() + "-" + std::to_string(chance(2) ? next_item_++ : static_cast<int>(random_.below(9)));
    if (chance(4))
      s.remove_by_id(id);
    else
      s.insert({id, text()}, {.at = static_cast<int>(random_.below(4)) - 1});
  }
}

// ---- how it is rendered ----

rendered random_page::render(render_context& c) {
  const auto is_all = c.begin({*streams_[0], *streams_[1]}).is_all();
  is_page_rendered_ = true;
  rendered_page_ = page_;
  const auto has_old = !is_all && sent_page_.tpl == page_.tpl;
  return rendered{*templates()[page_.tpl], paint(page_.values, has_old ? &sent_page_.values : nullptr, c)};
}

std::vector<dynamic> random_page::paint(const page_row& values, const page_row* old, render_context& c) {
  auto out = std::vector<dynamic>{};
  for (std::size_t i = 0; i < values.size(); ++i)
    out.push_back(paint(values[i], old == nullptr ? nullptr : &(*old)[i], c));
  return out;
}

dynamic random_page::paint(const page_value& value, const page_value* old, render_context& c) {
  if (old != nullptr && is_same(value, *old) && chance(2))
    return unchanged;
  if (const auto* t = std::get_if<std::string>(&value))
    return *t;
  if (const auto* id = std::get_if<page_component>(&value))
    return c.component<component>(std::to_string(id->id), component_attrs{this, id->id});
  if (const auto* n = std::get_if<boxed<page_node>>(&value)) {
    const auto* before = old == nullptr ? nullptr : std::get_if<boxed<page_node>>(old);
    const auto has_old = before != nullptr && (*before)->tpl == (*n)->tpl;
    return rendered{*templates()[(*n)->tpl], paint((*n)->values, has_old ? &(*before)->values : nullptr, c)};
  }
  if (const auto* l = std::get_if<boxed<page_list>>(&value)) {
    const auto* before = old == nullptr ? nullptr : std::get_if<boxed<page_list>>(old);
    return paint_list(**l, before == nullptr ? nullptr : &**before, c);
  }
  const auto& items = *streams_[std::get<page_stream>(value).index];
  auto out = comprehension{item_template(), items};
  for (const auto& [id, item] : items)
    out.add(id, item.text, item_note(item));
  return out;
}

dynamic random_page::paint_list(const page_list& list, const page_list* old, render_context& c) {
  auto out = comprehension{*templates()[list.tpl]};
  const auto has_old = old != nullptr && old->tpl == list.tpl && old->is_keyed == list.is_keyed;
  for (std::size_t i = 0; i < list.rows.size(); ++i) {
    const auto& [key, values] = list.rows[i];
    const page_row* before = nullptr;
    if (has_old && list.is_keyed) {
      const auto at = std::ranges::find(old->rows, key, [](const auto& r) { return r.first; });
      before = at == old->rows.end() ? nullptr : &at->second;
    } else if (has_old && i < old->rows.size()) {
      before = &old->rows[i].second;
    }
    out.add_row(list.is_keyed ? std::optional{std::to_string(key)} : std::nullopt, paint(values, before, c));
  }
  return out;
}

bool random_page::is_same(const page_value& value, const page_value& old) const {
  return value == old && !has_stream({value});
}

/// True if a stream in it has something to say.
bool random_page::has_stream(const page_row& values) const {
  return std::ranges::any_of(values, [this](const page_value& v) {
    if (const auto* s = std::get_if<page_stream>(&v))
      return !streams_[s->index]->is_idle();
    if (const auto* n = std::get_if<boxed<page_node>>(&v))
      return has_stream((*n)->values);
    return false;
  });
}

void random_page::sent() {
  if (is_page_rendered_)
    sent_page_ = rendered_page_;
  for (auto& [id, content] : rendered_contents_)
    sent_contents_.insert_or_assign(id, content);
  lost();
}

void random_page::lost() {
  rendered_contents_.clear();
  is_page_rendered_ = false;
}

// ---- what it should look like ----

std::string random_page::expected_html() {
  auto out = std::string{};
  append_html(out, page_.tpl, page_.values);
  return out;
}

void random_page::append_html(std::string& out, std::size_t tpl, const page_row& values) const {
  for (std::size_t i = 0; i < values.size(); ++i) {
    out += templates()[tpl]->parts()[i];
    const auto& v = values[i];
    if (const auto* t = std::get_if<std::string>(&v)) {
      html::append_attribute(out, *t);
    } else if (const auto* n = std::get_if<boxed<page_node>>(&v)) {
      append_html(out, (*n)->tpl, (*n)->values);
    } else if (const auto* l = std::get_if<boxed<page_list>>(&v)) {
      for (const auto& [key, inner] : (*l)->rows)
        append_html(out, (*l)->tpl, inner);
    } else if (const auto* c = std::get_if<page_component>(&v)) {
      const auto& content = contents_.at(c->id);
      append_html(out, content.tpl, content.values);
    } else if (is_page_rendered_) {
      for (const auto& [id, item] : *streams_[std::get<page_stream>(v).index])
        out += to_html(rendered{item_template(), id, item.text, item_note(item)});
    }
  }
  out += templates()[tpl]->parts().back();
}

}  // namespace beamline::testing
