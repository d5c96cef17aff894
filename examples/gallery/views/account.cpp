#include "gallery/views/account.hpp"

#include "gallery/views/account.heex.hpp"
#include "gallery/views/name_rule.hpp"
#include "gallery/views/secret_page.heex.hpp"
#include "web/live/form.hpp"

namespace gallery {

using beamline::find_string;

namespace {

std::string text_of(const beamline::json& object, std::string_view key) {
  const auto* found = find_string(object, key);
  return found != nullptr ? *found : std::string{};
}

}  // namespace

member member_of(const beamline::json& session, const logins& ended) {
  const auto login = text_of(session, login_key);
  return login.empty() || ended.has_ended(login) ? member{} : member{text_of(session, user_key)};
}

live::on_mount_hook require_member(const logins& ended) {
  return [&ended](const live::mount_params& p, live::view_socket& s) {
    auto who = member_of(p.session, ended);
    if (who.name.empty()) {
      s.put_flash("error", "That page is for members. Log in first.");
      s.redirect("/account");
      return live::hook_result::halt;
    }
    s.set(std::move(who));
    return live::hook_result::cont;
  };
}

// -- /account ----------------------------------------------------------------------------------------

void account::mount(const live::mount_params& p, live::view_socket&) {
  assigns_.user = member_of(p.session, ended_).name;
  assigns_.csrf = text_of(p.session, "csrf");
}

void account::handle_event(const live::event& e, live::view_socket& s) {
  if (e.name != "change" && e.name != "login")
    return view::handle_event(e, s);
  const auto& fields = live::form_params(e, "login");
  assigns_.name = text_of(fields, "name");
  const auto problem =
      live::is_used_input(fields, "name") || e.name == "login" ? name_problem(assigns_.name) : std::nullopt;
  assigns_.problem = problem.value_or("");
  assigns_.is_right = e.name == "login" && !problem;
}

live::rendered account::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string account::title() const { return "Account"; }

// -- /account/secret -----------------------------------------------------------------------------------

void secret_page::mount(const live::mount_params& p, live::view_socket& s) {
  assigns_.user = s.find<member>()->name;  // The hook has seen to it.
  assigns_.csrf = text_of(p.session, "csrf");
  assigns_.process = s.connected() ? to_string(s.self()) : "none yet";
}

live::rendered secret_page::render(live::render_context& c) const { return render_template(assigns_, c); }

std::string secret_page::title() const { return "For members"; }

}  // namespace gallery
