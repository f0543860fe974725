package dev.usersapi.mail;

import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mail.javamail.JavaMailSender;

@Configuration(proxyBeanMethods = false)
class MailConfiguration {

    @Bean
    MailCarrier mailCarrier(
            ObjectProvider<JavaMailSender> sender,
            MailProperties properties,
            MailProperties.Smtp smtp,
            MailComposer composer,
            Clock clock) {
        return smtp.host().isBlank()
                ? new FileCarrier(properties.directory(), composer, clock)
                : new SmtpCarrier(sender.getObject(), composer, smtp.host());
    }
}
