#pragma once

#include "gallery/logins.hpp"
#include "web/live/assign.hpp"
#include "web/live/hooks.hpp"
#include "web/live/view.hpp"

#include <string>
#include <string_view>

namespace gallery {

namespace live = beamline::web::live;

// What the cookie session knows of who is logged in.
inline constexpr std::string_view user_key = "user";
inline constexpr std::string_view login_key = "login";

/// Who has logged in, as hooks leave it for the views.
struct member {
  std::string name;
};

/// The member of that session; an empty name: nobody, or one who has logged out since.
[[nodiscard]] member member_of(const beamline::json& session, const logins& ended);

/// Sends everybody away who is not logged in. For the live session "members".
[[nodiscard]] live::on_mount_hook require_member(const logins& ended);

/// /account: who are you?
class account final : public live::view {
public:
  struct assigns {
    live::assign<std::string> user;  // Empty: not logged in.
    live::assign<std::string> csrf;
    live::assign<std::string> name;  // As typed.
    live::assign<std::string> problem;
    live::assign<bool> is_right{false};  // The form may go off.
  };

  explicit account(const logins& ended) : ended_{ended} {}

  void mount(const live::mount_params& p, live::view_socket& s) override;
  void handle_event(const live::event& e, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  const logins& ended_;
  assigns assigns_;
};

/// /account/secret: for members only.
class secret_page final : public live::view {
public:
  struct assigns {
    live::assign<std::string> user;
    live::assign<std::string> csrf;
    live::assign<std::string> process;
  };

  void mount(const live::mount_params& p, live::view_socket& s) override;
  [[nodiscard]] live::rendered render(live::render_context& c) const override;
  [[nodiscard]] std::string title() const override;

private:
  assigns assigns_;
};

}  // namespace gallery
