#pragma once

#include "gallery/views/signup.hpp"
#include "web/live/assign.hpp"
#include "web/live/form.hpp"
#include "web/live/view.hpp"

#include <optional>

namespace gallery {

/// /form: a form that is checked while it is filled in.
class form_page final : public live::view {
public:
  struct assigns {
    live::assign<live::form> form;
    live::assign<std::optional<signup>> saved;
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  void show(const live::changeset<signup>& c) { assigns_.form = live::to_form(c, {.as = "signup"}); }

  assigns assigns_;
};

}  // namespace gallery
