package dev.usersapi.mail;

import java.time.Clock;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.mail.javamail.JavaMailSender;

@Configuration(proxyBeanMethods = false)
class MailConfiguration {

    @Bean
    MailCarrier mailCarrier(
            ObjectProvider<JavaMailSender> smtp,
            @Value("${spring.mail.host:}") String host,
            MailProperties properties,
            MailComposer composer,
            MailTemplates templates,
            Clock clock) {
        return host.isBlank()
                ? new FileCarrier(properties.directory(), composer, templates, clock)
                : new SmtpCarrier(smtp.getObject(), composer, host);
    }
}
