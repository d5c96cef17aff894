#include "gallery/views/signup.hpp"

namespace gallery {

const live::form_schema<signup>& signup_schema() {
  static const auto address_fields = live::form_schema<address>{}
                                         .field("street", &address::street, live::length({.max = 80}))
                                         .field("city", &address::city, live::required(), live::length({.max = 60}));
  static const auto phone_fields =
      live::form_schema<phone>{}
          .field("kind", &phone::kind, live::one_of({"mobile", "home", "work"}))
          .field("number", &phone::number, live::required(), live::length({.max = 20}),
                 live::format(R"(\+?[0-9][0-9 ]{3,18})", "should be digits and spaces, with a + in front if you like"));
  static const auto fields =
      live::form_schema<signup>{}
          .field("name", &signup::name, live::required(), live::length({.min = 2, .max = 40}))
          .field("email", &signup::email, live::required(), live::length({.max = 120}),
                 live::format(R"([^@\s]+@[^@\s]+\.[^@\s]+)", "should look like name@example.org"))
          .field("age", &signup::age, live::required(), live::in_range(18, 130))
          .nested("home", &signup::home, address_fields)
          .rows("phones", &signup::phones, phone_fields, {.rows_max = phones_max});
  return fields;
}

}  // namespace gallery
