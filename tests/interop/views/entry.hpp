#pragma once

#include "web/live/assign.hpp"
#include "web/live/form_schema.hpp"
#include "web/live/view.hpp"

#include <string>

namespace beamline::interop {

namespace live = web::live;

struct guest {
  std::string name;
  int age = 0;
};

/// /entry: a form that is checked while it is filled in. "crash" crashes the view.
class entry final : public live::view {
public:
  struct assigns {
    live::assign<live::form> form;
    live::assign<std::string> saved;
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override { return "Entry"; }

private:
  void show(const live::changeset<guest>& c) { assigns_.form = live::to_form(c, {.as = "guest"}); }

  assigns assigns_;
};

}  // namespace beamline::interop
