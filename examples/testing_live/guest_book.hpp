#pragma once

// A guest book: a form that is checked while it is filled in, and a list that every visitor sees grow.

#include "web/live/components/flash.hpp"
#include "web/live/components/form.hpp"
#include "web/live/form_schema.hpp"
#include "web/live/render_context.hpp"
#include "web/live/stream.hpp"
#include "web/live/view.hpp"

#include <string>
#include <utility>

namespace guest_book {

namespace live = beamline::web::live;
namespace ui = beamline::web::live::components;

struct entry {
  int id = 0;
  std::string name;
  int stars = 0;
};

inline const live::form_schema<entry>& entry_form() {
  static const auto schema = live::form_schema<entry>{}
                                 .field("name", &entry::name, live::required(), live::length({.max = 20}))
                                 .field("stars", &entry::stars, live::required(), live::in_range(1, 5));
  return schema;
}

class book final : public live::view {
public:
  void mount(const live::mount_params&, live::view_socket&) override { show(entry_form().cast({})); }

  void handle_event(const live::event& e, live::view_socket& s) override {
    auto checked = entry_form().cast({}, live::form_params(e, "entry"));
    if (e.name == "sign" && checked.is_valid()) {
      auto signed_by = checked.value();
      signed_by.id = ++last_;
      entries_.insert(std::move(signed_by), {.at = 0});
      s.put_flash("info", "Thank you, " + checked.value().name);
      return show(entry_form().cast({}));
    }
    show(checked);
  }

  [[nodiscard]] live::rendered render(live::render_context& c) const override {
    static const live::statics page{{"<h1>Guests</h1>", "", "<ul id=\"entries\" phx-update=\"stream\">", "</ul>"}};
    static const live::statics row{{"<li id=\"", "\">", ": ", " of 5</li>"}};
    (void)c.begin({entries_});
    auto form = ui::form_attrs{};
    form.for_ = form_;
    form.rest.set("phx-change", "validate").set("phx-submit", "sign");
    form.inner_block.add(fields);
    auto rows = live::comprehension{row, entries_};
    for (const auto& [id, e] : entries_)
      rows.add(id, e.name, e.stars);
    return live::rendered{page, ui::flash_group({}, c), ui::form(form, c), std::move(rows)};
  }

private:
  void show(const live::changeset<entry>& c) { form_ = live::to_form(c, {.as = "entry"}); }

  static live::rendered fields(const live::form& f) {
    static const live::statics tpl{{"<label>Name <input id=\"", "\" name=\"", "\" value=\"",
                                    "\"></label><p class=\"error\">", "</p><label>Stars <input id=\"", "\" name=\"",
                                    "\" value=\"", "\"></label><p class=\"error\">", "</p><button>Sign</button>"}};
    const auto name = f["name"];
    const auto stars = f["stars"];
    const auto first = [](const live::form_field& field) {
      const auto errors = field.shown_errors();
      return errors.empty() ? std::string{} : errors.front();
    };
    return live::rendered{tpl,      name.id,    name.name,    name.text(), first(name),
                          stars.id, stars.name, stars.text(), first(stars)};
  }

  live::form form_;
  live::stream<entry> entries_{"entries"};
  int last_ = 0;
};

}  // namespace guest_book
